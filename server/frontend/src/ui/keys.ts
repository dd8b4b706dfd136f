/* The keyboard map. */

import { make, openDialog } from "./elements.ts";

const KEYS: ReadonlyArray<readonly [string, string]> = [
  ["Ctrl Enter", "run the query"],
  ["Escape", "stop the query, or close what is open"],
  ["Ctrl Space", "complete: terms, names, variables, saved queries"],
  ["Alt Shift F", "lay the text out"],
  ["F8", "go to the next mistake"],
  ["Ctrl Shift M", "list the mistakes"],
  ["Tab, Shift Tab", "indent more, less"],
  ["Escape, then Tab", "leave the editor"],
  ["Ctrl /", "make lines comments, or undo that"],
  ["Ctrl Z, Ctrl Shift Z", "undo, redo"],
  ["Alt ↑, Alt ↓", "move lines"],
  ["F1", "this list"],
];

export function showKeys(): void {
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  const rows = KEYS.map(([keys, act]) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, ...keys.split(/(, (?:then )?)/).flatMap((part, at): Array<string | HTMLElement> => (at % 2 ? [part] : keyCaps(part, isMac)))),
      make("td", { textContent: act }),
    ),
  );
  openDialog("Keys", make("table", { class: "keys" }, make("tbody", {}, ...rows)));
}

function keyCaps(keys: string, isMac: boolean): HTMLElement[] {
  return keys.split(" ").map((key) => make("kbd", { textContent: isMac && key === "Ctrl" ? "Cmd" : key }));
}
