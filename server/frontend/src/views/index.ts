/* The views there are, in the order of their buttons. */

import type { Result } from "../run/result.ts";
import { placeColumns } from "./geometry.ts";
import { hasNetwork } from "./network.ts";
import { hasSeries } from "./series.ts";
import { spanColumns } from "./spans.ts";
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
    name: "map",
    label: "Map",
    aliases: [],
    suits: (result) => placeColumns(result).length > 0,
    load: async () => (await import("./map.ts")).view,
  },
  {
    name: "timeline",
    label: "Time line",
    aliases: [],
    suits: (result) => result.kind === "solutions" && spanColumns(result).length > 0,
    load: async () => (await import("./timeline.ts")).view,
  },
  {
    name: "chart",
    label: "Chart",
    aliases: ["barchart", "linechart", "areachart", "scatterchart", "bubblechart"],
    suits: hasSeries,
    load: async () => (await import("./chart.ts")).view,
  },
  {
    name: "graph",
    label: "Network",
    aliases: ["network"],
    suits: hasNetwork,
    load: async () => (await import("./graph.ts")).view,
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
