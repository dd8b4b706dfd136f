/* Rows of a table in its frame: all of them where they are few, else those that are scrolled to. */

import { Virtualizer, elementScroll, observeElementOffset, observeElementRect } from "@tanstack/virtual-core";

/** Up to so many rows the page itself scrolls. */
export const MOST_AT_ONCE = 200;
const ROW_HEIGHT = 40;

interface Drawn {
  close(): void;
  /** Draw again what is to be seen, since names have changed. */
  redraw(): void;
}

/** Fill `frame` with a table of `count` rows that `draw` makes; `widths` are in characters. */
export function drawRows(
  frame: HTMLElement,
  head: HTMLTableRowElement,
  count: number,
  widths: readonly number[],
  draw: (at: number) => HTMLTableRowElement,
): Drawn {
  const table = document.createElement("table");
  const [headPart, body] = [document.createElement("thead"), document.createElement("tbody")];
  headPart.append(head);
  table.append(headPart, body);
  frame.replaceChildren(table);
  frame.classList.toggle("is-long", count > MOST_AT_ONCE);
  if (count <= MOST_AT_ONCE) {
    const fill = () => body.replaceChildren(...Array.from({ length: count }, (_, at) => draw(at)));
    fill();
    return { close: () => undefined, redraw: () => keepFocus(body, fill) };
  }
  return scrollRows(frame, table, body, count, widths, draw);
}

function scrollRows(
  frame: HTMLElement,
  table: HTMLTableElement,
  body: HTMLElement,
  count: number,
  widths: readonly number[],
  draw: (at: number) => HTMLTableRowElement,
): Drawn {
  table.classList.add("is-scrolled");
  table.setAttribute("aria-rowcount", String(count + 1));
  // Rows come and go, so columns must not take their width from them.
  const group = document.createElement("colgroup");
  for (const width of widths) {
    const column = document.createElement("col");
    column.style.inlineSize = `${width + 4}ch`;
    group.append(column);
  }
  table.prepend(group);
  const [above, below] = [document.createElement("tr"), document.createElement("tr")];
  for (const space of [above, below]) {
    space.className = "space";
    space.setAttribute("aria-hidden", "true");
    space.append(document.createElement("td"));
    (space.firstChild as HTMLTableCellElement).colSpan = widths.length;
  }
  const lines = new Map<number, HTMLTableRowElement>();
  frame.scrollTop = 0;

  const virtual = new Virtualizer<HTMLElement, HTMLTableRowElement>({
    count,
    getScrollElement: () => frame,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => render(),
  });
  const unmount = virtual._didMount();
  virtual._willUpdate();
  render();

  function render(): void {
    const items = virtual.getVirtualItems();
    const wanted = new Set(items.map((item) => item.index));
    for (const [at, line] of lines) {
      if (wanted.has(at)) continue;
      // A row that goes hands the focus to its frame, from where the keyboard scrolls on.
      if (line.contains(document.activeElement)) frame.focus({ preventScroll: true });
      line.remove();
      lines.delete(at);
    }
    setHeight(above, items[0]?.start ?? 0);
    setHeight(below, virtual.getTotalSize() - (items.at(-1)?.end ?? 0));
    if (!above.parentNode) body.append(above, below);
    let next = above.nextSibling;
    const shown = items.map((item) => {
      const line = lines.get(item.index) ?? number(draw(item.index), item.index);
      lines.set(item.index, line);
      if (next === line) next = line.nextSibling;
      else body.insertBefore(line, next);
      return line;
    });
    for (const line of shown) virtual.measureElement(line);
  }

  return {
    close: () => unmount(),
    redraw: () => keepFocus(body, () => {
      for (const [at, line] of lines) {
        const fresh = number(draw(at), at);
        line.replaceWith(fresh);
        lines.set(at, fresh);
        virtual.measureElement(fresh);
      }
    }),
  };
}

/** Do `act`, which draws rows anew, and give the focus back to what stands where it was. */
function keepFocus(body: HTMLElement, act: () => void): void {
  const places = () => [...body.querySelectorAll<HTMLElement>("a, button")];
  const at = places().findIndex((place) => place === document.activeElement);
  act();
  if (at >= 0) places()[at]?.focus({ preventScroll: true });
}

function number(line: HTMLTableRowElement, at: number): HTMLTableRowElement {
  line.dataset["index"] = String(at);
  line.setAttribute("aria-rowindex", String(at + 2));
  return line;
}

function setHeight(space: HTMLTableRowElement, height: number): void {
  (space.firstChild as HTMLElement).style.blockSize = `${Math.max(0, height)}px`;
  space.hidden = height <= 0;
}
