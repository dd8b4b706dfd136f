/*
 * The time line. Drawn with elements of the page, not on a canvas: every bar is read, focused and turned to
 * right-to-left like the rest, which the libraries for time lines do not do. d3-scale chooses the ticks.
 */

import { scaleUtc } from "d3-scale";
import type { Result } from "../run/result.ts";
import { heading } from "./cells.ts";
import { captionOf, evidenceButtons } from "./listing.ts";
import { type Span, type SpanColumn, spanColumns, spansOf } from "./spans.ts";
import type { View, ViewOptions } from "./view.ts";

const STEP = 200;
const TICKS = 6;
const DAY = 86_400_000;

export const view: View = {
  show(result, element, options) {
    const line = new TimeLine(result, element, options);
    return { close: () => line.close() };
  },
};

class TimeLine {
  readonly #result: Result;
  readonly #options: ViewOptions;
  readonly #columns: readonly SpanColumn[];
  readonly #spans: readonly Span[];
  readonly #whole: readonly [number, number];
  readonly #axis = document.createElement("div");
  readonly #list = document.createElement("ol");
  readonly #more = document.createElement("button");
  readonly #stopListening: () => void;
  #shown: [number, number];
  #count = STEP;

  constructor(result: Result, element: HTMLElement, options: ViewOptions) {
    this.#result = result;
    this.#options = options;
    this.#columns = spanColumns(result);
    this.#spans = spansOf(result.rows, this.#columns);
    this.#whole = widen(this.#spans);
    this.#shown = this.#readState() ?? [...this.#whole];
    this.#axis.className = "time-axis";
    this.#axis.setAttribute("aria-hidden", "true");
    this.#list.className = "time-rows";
    Object.assign(this.#more, { type: "button", className: "second small", textContent: "Show more" });
    this.#more.addEventListener("click", () => {
      this.#count += STEP;
      this.#draw();
    });
    const legend = document.createElement("p");
    legend.className = "hint";
    legend.textContent = `${this.#columns.map(tellColumn).join(" ")} A bar with a broken end has no bound there. Times are UTC.`;
    element.append(this.#tools(), legend, this.#axis, this.#list, this.#more);
    this.#stopListening = options.names.onChange(() => {
      if (!this.#list.contains(document.activeElement)) this.#draw();
    });
    this.#draw();
  }

  close(): void {
    this.#stopListening();
  }

  #tools(): HTMLElement {
    const tools = document.createElement("div");
    tools.className = "view-tools";
    const button = (text: string, label: string, turn: (from: number, to: number) => [number, number]) => {
      const made = document.createElement("button");
      Object.assign(made, { type: "button", className: "second small", textContent: text, title: label });
      made.setAttribute("aria-label", label);
      made.addEventListener("click", () => this.#show(turn(...this.#shown)));
      tools.append(made);
    };
    button("Closer", "Show half of the time", (from, to) => [from + (to - from) / 4, to - (to - from) / 4]);
    button("Wider", "Show twice the time", (from, to) => [from - (to - from) / 2, to + (to - from) / 2]);
    button("Earlier", "Move to earlier times", (from, to) => [from - (to - from) / 2, to - (to - from) / 2]);
    button("Later", "Move to later times", (from, to) => [from + (to - from) / 2, to + (to - from) / 2]);
    button("All", "Show all times", () => [...this.#whole]);
    return tools;
  }

  #show([from, to]: [number, number]): void {
    // Neither below a minute nor beyond what a date can be.
    if (to - from < 60_000 || from < -8.6e15 || to > 8.6e15) return;
    this.#shown = [from, to];
    const isWhole = from === this.#whole[0] && to === this.#whole[1];
    this.#options.state.set("from", isWhole ? "" : new Date(from).toISOString());
    this.#options.state.set("to", isWhole ? "" : new Date(to).toISOString());
    this.#draw();
  }

  #readState(): [number, number] | null {
    const [from, to] = [Date.parse(this.#options.state.get("from")), Date.parse(this.#options.state.get("to"))];
    return from < to ? [from, to] : null;
  }

  #draw(): void {
    const [from, to] = this.#shown;
    const scale = scaleUtc([new Date(from), new Date(to)], [0, 100]);
    const format = scale.tickFormat(TICKS);
    this.#axis.replaceChildren(
      ...scale.ticks(TICKS).map((tick) => {
        const mark = document.createElement("span");
        mark.textContent = format(tick);
        mark.style.insetInlineStart = `${scale(tick)}%`;
        return mark;
      }),
    );
    const inside = this.#spans.filter((span) => (span.to ?? Infinity) >= from && (span.from ?? -Infinity) <= to);
    this.#list.replaceChildren(...inside.slice(0, this.#count).map((span) => this.#entry(span, (time) => scale(new Date(time)))));
    this.#more.hidden = inside.length <= this.#count;
    const left = this.#result.rows.length - new Set(this.#spans.map((span) => span.row)).size;
    this.#options.say(
      `${inside.length} of ${this.#spans.length} times between ${tellDay(from)} and ${tellDay(to)}.` +
        (left ? ` ${left} rows have no time.` : ""),
    );
  }

  #entry(span: Span, place: (time: number) => number): HTMLElement {
    const item = document.createElement("li");
    const track = document.createElement("div");
    track.className = "time-track";
    const bar = document.createElement("div");
    bar.className = "time-bar";
    const start = Math.max(0, span.from === null ? 0 : place(span.from));
    const end = Math.min(100, span.to === null ? 100 : place(span.to));
    bar.style.insetInlineStart = `${start}%`;
    bar.style.inlineSize = `max(${Math.max(0, end - start)}%, 6px)`;
    bar.classList.toggle("opens-before", span.from === null);
    bar.classList.toggle("opens-after", span.to === null);
    track.append(bar);
    const when = document.createElement("span");
    when.className = "time-when";
    when.textContent = tellSpan(span);
    const without = new Set(this.#columns.flatMap(({ from, to }) => [from, to]));
    const caption = document.createElement("div");
    caption.append(when, " ", captionOf(span.row, this.#result.variables, this.#options, without), ...evidenceButtons(span.row, this.#options));
    item.append(caption, track);
    return item;
  }
}

function tellColumn({ from, to }: SpanColumn): string {
  return from === to ? `A bar stands at “${heading(from)}”.` : `A bar runs from “${heading(from)}” to “${heading(to)}”.`;
}

function tellSpan({ from, to, column }: Span): string {
  if (from === null) return `${heading(column.from)} unknown, ${heading(column.to)} ${tellDay(to ?? 0)}`;
  if (to === null) return `${heading(column.from)} ${tellDay(from)}, ${heading(column.to)} unknown`;
  if (from === to) return new Date(from).toISOString().replace("T", " ").replace(/(:00)?(\.000)?Z$/, "");
  const [first, last] = [tellDay(from), tellDay(to)];
  return first === last ? first : `${first} to ${last}`;
}

function tellDay(time: number): string {
  return new Date(time).toISOString().replace(/T.*/, "");
}

/** All bounds with some air on both sides. */
function widen(spans: readonly Span[]): [number, number] {
  let [first, last] = [Infinity, -Infinity];
  for (const { from, to } of spans) {
    for (const time of [from, to]) {
      if (time === null) continue;
      first = Math.min(first, time);
      last = Math.max(last, time);
    }
  }
  if (first > last) [first, last] = [0, DAY];
  const air = Math.max((last - first) * 0.05, DAY / 2);
  return [first - air, last + air];
}
