/* The views there are, in the order of their buttons. */

import type { Result } from "../run/result.ts";
import type { View } from "./view.ts";

export interface ViewEntry {
  /** In the address and in hints. */
  readonly name: string;
  /** On the button. */
  readonly label: string;
  /** Other names that a `#defaultView:` hint may use, in small letters. */
  readonly aliases: readonly string[];
  /** Whether the result has what this view shows. It stands here so that no view is loaded for the question. */
  suits(result: Result): boolean;
  load(): Promise<View>;
}

export const VIEWS: readonly ViewEntry[] = [
  {
    name: "table",
    label: "Table",
    aliases: [],
    suits: (result) => result.kind !== "boolean",
    load: async () => (await import("./table.ts")).view,
  },
  {
    name: "raw",
    label: "Raw",
    aliases: [],
    suits: () => true,
    load: async () => (await import("./raw.ts")).view,
  },
];

/** The entry that a name or a hint means. */
export function findView(name: string): ViewEntry | undefined {
  const wanted = name.toLowerCase();
  return VIEWS.find((entry) => entry.name === wanted || entry.aliases.includes(wanted));
}
