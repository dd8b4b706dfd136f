/* The rows behind a drawing as a list: what a drawing shows to the eye, the list tells everybody else. */

import type { Row } from "../run/result.ts";
import { cellOf, heading } from "./cells.ts";
import type { ViewOptions } from "./view.ts";

const STEP = 100;

export interface ListEntry {
  readonly row: Row;
  /** What the entry is called; made anew when names arrive. */
  readonly caption: () => Node;
}

/**
 * A list of `entries`, more on demand. `point` is called when somebody turns to an entry, to mark it in the
 * drawing. Returns what marks an entry in the list and scrolls to it.
 */
export function listEntries(
  element: HTMLElement,
  summary: string,
  entries: readonly ListEntry[],
  options: ViewOptions,
  point: (at: number) => void,
): { turnTo(at: number): void; close(): void } {
  const box = document.createElement("details");
  box.className = "drawing-list";
  box.open = entries.length <= STEP;
  const title = document.createElement("summary");
  title.textContent = summary;
  const list = document.createElement("ol");
  const more = document.createElement("button");
  Object.assign(more, { type: "button", className: "second small", textContent: "Show more" });
  box.append(title, list, more);
  element.append(box);

  const draw = (upTo: number) => {
    for (let at = list.children.length; at < Math.min(upTo, entries.length); at += 1) {
      const item = document.createElement("li");
      item.tabIndex = -1;
      item.addEventListener("pointerenter", () => point(at));
      item.addEventListener("focusin", () => point(at));
      list.append(item);
      fill(item, entries[at], options);
    }
    more.hidden = list.children.length >= entries.length;
  };
  more.addEventListener("click", () => draw(list.children.length + STEP));
  draw(STEP);
  const stop = options.names.onChange(() => {
    Array.from(list.children).forEach((item, at) => fill(item as HTMLElement, entries[at], options));
  });
  return {
    turnTo(at) {
      draw(at + 1);
      box.open = true;
      const item = list.children[at];
      if (item instanceof HTMLElement) item.focus();
    },
    close: stop,
  };
}

function fill(item: HTMLElement, entry: ListEntry | undefined, options: ViewOptions): void {
  if (!entry || item.contains(document.activeElement)) return;
  item.replaceChildren(entry.caption(), ...evidenceButtons(entry.row, options));
}

/** A button for each claim, statement or link of `row`: its chain and span open beside the result. */
export function evidenceButtons(row: Row, options: ViewOptions): HTMLElement[] {
  return options.evidenceOf(row).map((iri) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "second small", textContent: "Who says so?" });
    button.setAttribute("aria-label", `Who says so? ${options.names.of(iri).text}`);
    button.addEventListener("click", () => options.showEvidence(iri, button));
    return button;
  });
}

/** The values of `row` as "heading: value" in one line, but for the columns in `without`. */
export function captionOf(row: Row, variables: readonly string[], options: ViewOptions, without: ReadonlySet<string> = new Set()): Node {
  const line = document.createElement("span");
  for (const name of variables) {
    const term = row[name];
    if (!term || without.has(name) || (name.endsWith("Label") && row[name.slice(0, -5)])) continue;
    const part = document.createElement("span");
    part.className = "fact";
    const label = document.createElement("span");
    label.className = "fact-name";
    label.textContent = `${heading(name)} `;
    part.append(label, cellOf(term, options.names));
    line.append(part, " ");
  }
  return line;
}
