/* What of a result a chart can show: columns to go along, columns of numbers to go up. Pure. */

import type { Result } from "../run/result.ts";
import { type ColumnType, numberOf, typeOf } from "./cells.ts";

export const SHAPES = ["bar", "line", "scatter"] as const;
export type Shape = (typeof SHAPES)[number];

export interface Axes {
  /** The column along the chart. */
  readonly along: string;
  readonly alongType: ColumnType;
  /** Columns of numbers. */
  readonly up: readonly string[];
}

/** Types of the columns that hold anything. */
export function columnTypes(result: Result): Map<string, ColumnType> {
  const used = result.variables.filter((name) => result.rows.some((row) => row[name]));
  return new Map(used.map((name) => [name, typeOf(result.rows.map((row) => row[name]))]));
}

/** Whether there is a column of numbers to draw. */
export function hasSeries(result: Result): boolean {
  return result.kind === "solutions" && result.variables.some((name) => isNumeric(result, name));
}

function isNumeric(result: Result, name: string): boolean {
  let any = false;
  for (const row of result.rows) {
    const term = row[name];
    if (!term) continue;
    if (numberOf(term) === null) return false;
    any = true;
  }
  return any;
}

/**
 * The axes for what the reader chose (empty: the best guess): along goes the first column that is no number,
 * up go the columns of numbers. Null where no column of numbers is left.
 */
export function chooseAxes(result: Result, along = "", up = ""): Axes | null {
  const types = columnTypes(result);
  const numbers = [...types].filter(([, type]) => type === "number").map(([name]) => name);
  const others = [...types].filter(([name, type]) => type !== "number" && !name.endsWith("Label")).map(([name]) => name);
  const first = types.has(along) ? along : (others[0] ?? [...types.keys()].find((name) => !numbers.includes(name)) ?? numbers[0]);
  if (!first) return null;
  const rest = numbers.filter((name) => name !== first);
  const chosen = rest.includes(up) ? [up] : rest.length ? rest : numbers;
  return chosen.length ? { along: first, alongType: types.get(first) ?? "text", up: chosen } : null;
}

/** The shape that suits: lines over time, points over numbers, bars over names. */
export function suitingShape(axes: Axes): Shape {
  return axes.alongType === "time" ? "line" : axes.alongType === "number" ? "scatter" : "bar";
}
