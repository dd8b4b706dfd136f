/* The chart: columns of numbers along another column, as bars, lines or points. */

import type { Chart as ChartOf, ChartConfiguration } from "chart.js";
import type { Result, Row } from "../run/result.ts";
import { heading, numberOf, textOf, timeOf } from "./cells.ts";
import { captionOf, listEntries } from "./listing.ts";
import { type Axes, chooseAxes, columnTypes, type Shape, SHAPES, suitingShape } from "./series.ts";
import type { View, ViewOptions } from "./view.ts";

/** Values along the chart that can still be told apart. */
const MOST_VALUES = 1000;
/** Lines differ in their strokes, not by colour alone. */
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
const HINTED: Readonly<Record<string, Shape>> = { barchart: "bar", linechart: "line", areachart: "line", scatterchart: "scatter", bubblechart: "bar" };

export const view: View = {
  show(result, element, options) {
    const chart = new Drawing(result, element, options);
    return { close: () => chart.close() };
  },
};

class Drawing {
  readonly #result: Result;
  readonly #options: ViewOptions;
  readonly #canvas = document.createElement("canvas");
  readonly #rows: readonly Row[];
  readonly #list: { turnTo(at: number): void; close(): void };
  readonly #stop: Array<() => void> = [];
  #chart: ChartOf | null = null;
  #turn = 0;

  constructor(result: Result, element: HTMLElement, options: ViewOptions) {
    this.#result = result;
    this.#options = options;
    this.#rows = result.rows.slice(0, MOST_VALUES);
    const frame = document.createElement("div");
    frame.className = "chart-frame";
    this.#canvas.setAttribute("role", "img");
    frame.append(this.#canvas);
    element.append(this.#tools(), frame);
    this.#list = listEntries(
      element,
      "The same values as a list",
      this.#rows.map((row) => ({ row, caption: () => captionOf(row, result.variables, options) })),
      options,
      (at) => this.#mark(at),
    );
    this.#stop.push(options.names.onChange(() => void this.#draw()));
    const theme = window.matchMedia("(prefers-color-scheme: dark)");
    const onTheme = () => void this.#draw();
    theme.addEventListener("change", onTheme);
    this.#stop.push(() => theme.removeEventListener("change", onTheme));
    void this.#draw();
  }

  close(): void {
    this.#turn += 1;
    this.#list.close();
    for (const stop of this.#stop) stop();
    this.#chart?.destroy();
  }

  #tools(): HTMLElement {
    const tools = document.createElement("div");
    tools.className = "view-tools";
    const types = columnTypes(this.#result);
    const columns = [...types.keys()];
    const numbers = columns.filter((name) => types.get(name) === "number");
    const axes = this.#axes();
    const field = (label: string, name: string, choices: ReadonlyArray<readonly [string, string]>, value: string) => {
      const box = document.createElement("label");
      box.className = "inline-field";
      const select = document.createElement("select");
      for (const [key, text] of choices) select.append(new Option(text, key));
      select.value = value;
      select.addEventListener("change", () => {
        this.#options.state.set(name, select.value);
        void this.#draw();
      });
      box.append(`${label} `, select);
      tools.append(box);
    };
    field("Shape", "shape", SHAPES.map((shape) => [shape, { bar: "Bars", line: "Lines", scatter: "Points" }[shape]]), this.#shape(axes));
    field("Along", "along", columns.map((name) => [name, heading(name)]), axes?.along ?? "");
    const all: ReadonlyArray<readonly [string, string]> = numbers.length > 1 ? [["", "all numbers"]] : [];
    field("Up", "up", [...all, ...numbers.map((name) => [name, heading(name)] as const)], this.#options.state.get("up") || (all.length ? "" : (numbers[0] ?? "")));
    return tools;
  }

  #axes(): Axes | null {
    return chooseAxes(this.#result, this.#options.state.get("along"), this.#options.state.get("up"));
  }

  #shape(axes: Axes | null): Shape {
    const kept = this.#options.state.get("shape");
    const known = SHAPES.find((shape) => shape === kept);
    const hinted = HINTED[this.#options.hinted];
    return known ?? hinted ?? (axes ? suitingShape(axes) : "bar");
  }

  async #draw(): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const axes = this.#axes();
    if (!axes) {
      this.#chart?.destroy();
      this.#chart = null;
      this.#options.say("These columns hold no numbers to draw.");
      return;
    }
    const { Chart, registerables } = await import("chart.js");
    if (turn !== this.#turn) return;
    Chart.register(...registerables);
    this.#chart?.destroy();
    this.#chart = new Chart(this.#canvas, this.#configure(axes, this.#shape(axes)));
    const told = `${this.#rows.length} values of ${axes.up.map(heading).join(", ")} along ${heading(axes.along)}.`;
    const rest = this.#result.rows.length - this.#rows.length;
    this.#canvas.setAttribute("aria-label", `Chart: ${told} The list below holds the same values.`);
    this.#options.say(rest ? `${told} ${rest} more rows are left out of the chart.` : told);
  }

  #configure(axes: Axes, shape: Shape): ChartConfiguration {
    const colours = readColours();
    const isNumber = axes.alongType === "number" || axes.alongType === "time";
    const along = (row: Row) => (axes.alongType === "time" ? timeOf(row[axes.along]) : numberOf(row[axes.along]));
    const rows = isNumber && shape !== "bar" ? [...this.#rows].sort((a, b) => (along(a) ?? 0) - (along(b) ?? 0)) : this.#rows;
    const usesNumbers = isNumber && shape !== "bar";
    const words = (row: Row) => {
      const label = row[`${axes.along}Label`] ?? row[axes.along];
      return textOf(label, this.#options.names);
    };
    return {
      type: shape === "scatter" && !usesNumbers ? "line" : shape,
      data: {
        labels: usesNumbers ? [] : rows.map(words),
        datasets: axes.up.map((name, at) => ({
          label: heading(name),
          data: usesNumbers
            ? rows.map((row) => ({ x: along(row) ?? Number.NaN, y: numberOf(row[name]) ?? Number.NaN }))
            : rows.map((row) => numberOf(row[name])),
          backgroundColor: colours.series[at % colours.series.length],
          borderColor: colours.series[at % colours.series.length],
          borderDash: DASHES[at % DASHES.length] ?? [],
          pointStyle: (["circle", "rect", "triangle", "cross"] as const)[at % 4],
          showLine: shape === "line",
          borderWidth: shape === "bar" ? 0 : 2,
        })),
      } as ChartConfiguration["data"],
      options: {
        animation: false,
        maintainAspectRatio: false,
        color: colours.text,
        onClick: (_, points) => {
          const row = rows[points[0]?.index ?? -1];
          if (row) this.#list.turnTo(this.#rows.indexOf(row));
        },
        plugins: {
          legend: { display: axes.up.length > 1, labels: { usePointStyle: true } },
          tooltip: { rtl: document.dir === "rtl", callbacks: usesNumbers && axes.alongType === "time" ? { title: (items) => tellTime(items[0]?.parsed.x ?? 0) } : {} },
        },
        scales: {
          x: {
            ...(usesNumbers ? { type: "linear" as const } : {}),
            reverse: document.dir === "rtl",
            title: { display: true, text: heading(axes.along), color: colours.text },
            ticks: {
              color: colours.text,
              ...(usesNumbers && axes.alongType === "time" ? { callback: (value: string | number) => tellTime(Number(value)) } : {}),
            },
            grid: { color: colours.line },
          },
          y: {
            beginAtZero: shape === "bar",
            position: document.dir === "rtl" ? "right" : "left",
            title: { display: true, text: axes.up.map(heading).join(", "), color: colours.text },
            ticks: { color: colours.text },
            grid: { color: colours.line },
          },
        },
      },
    };
  }

  #mark(at: number): void {
    if (!this.#chart || this.#chart.data.labels?.length !== this.#rows.length) return;
    const points = this.#chart.data.datasets.map((_, datasetIndex) => ({ datasetIndex, index: at }));
    this.#chart.setActiveElements(points);
    this.#chart.update("none");
  }
}

function tellTime(time: number): string {
  return Number.isFinite(time) && Math.abs(time) < 8.6e15 ? new Date(time).toISOString().slice(0, 10) : "";
}

function readColours(): { text: string; line: string; series: string[] } {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  const ink = read("--ink", "#222");
  return {
    text: ink,
    line: read("--line", "#8884"),
    series: [read("--series-1", "#2f5d8a"), read("--series-2", "#a8572c"), read("--series-3", "#4d7a3a"), read("--series-4", "#7a4d7a")],
  };
}
