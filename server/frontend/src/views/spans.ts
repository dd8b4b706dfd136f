/* When the rows of a result are: moments, and spans from two columns that belong together. Pure. */

import type { Result, Row, Term } from "../run/result.ts";
import { timeOf } from "./cells.ts";

/** Words that begin a span, and those that end it; what else stands in the names must agree. */
const PAIRS: ReadonlyArray<readonly [RegExp, RegExp]> = [
  [/not_?before/i, /not_?after/i],
  [/earliest/i, /latest/i],
  [/begin(ning|s)?|begun|start(s|ed)?/i, /end(s|ed|ing)?/i],
  [/first/i, /last/i],
  [/from/i, /until|till|to(?![a-z])/i],
  [/since/i, /until|till/i],
  [/after/i, /before/i],
];

/** A column of moments, or two columns of bounds. */
export interface SpanColumn {
  readonly from: string;
  /** The same as `from` for a column of moments. */
  readonly to: string;
}

/** Milliseconds since 1970; an unknown bound is null. */
export interface Span {
  readonly row: Row;
  readonly column: SpanColumn;
  readonly from: number | null;
  readonly to: number | null;
}

/** The columns of `result` that say when. */
export function spanColumns(result: Result): SpanColumn[] {
  const times = result.variables.filter((name) => result.rows.some((row) => extentOf(row[name])));
  const taken = new Set<string>();
  const found: SpanColumn[] = [];
  for (const from of times) {
    const to = taken.has(from) ? undefined : times.find((other) => other !== from && !taken.has(other) && arePair(from, other));
    if (!to) continue;
    taken.add(from).add(to);
    found.push({ from, to });
  }
  found.push(...times.filter((name) => !taken.has(name)).map((name) => ({ from: name, to: name })));
  return found.sort((a, b) => result.variables.indexOf(a.from) - result.variables.indexOf(b.from));
}

function arePair(from: string, to: string): boolean {
  return PAIRS.some(
    ([first, last]) => first.test(from) && last.test(to) && from.replace(first, "") === to.replace(last, ""),
  );
}

/** The spans of `rows`, in the order of their beginnings; rows without any time are left out. */
export function spansOf(rows: readonly Row[], columns: readonly SpanColumn[]): Span[] {
  const spans: Span[] = [];
  for (const row of rows) {
    for (const column of columns) {
      const [first, last] = [extentOf(row[column.from]), extentOf(row[column.to])];
      if (first || last) spans.push({ row, column, from: first?.[0] ?? null, to: last?.[1] ?? null });
    }
  }
  const start = (span: Span) => span.from ?? span.to ?? 0;
  return spans.sort((a, b) => start(a) - start(b) || (a.to ?? Infinity) - (b.to ?? Infinity));
}

/**
 * The first and last millisecond of what a literal of time names: a year is a whole year, a date a day.
 * Null where the term is no time.
 */
export function extentOf(term: Term | undefined): readonly [number, number] | null {
  const start = timeOf(term);
  if (start === null || term?.kind !== "literal") return null;
  const parts = /^(-?\d{4,})(?:-(\d\d))?(?:-(\d\d))?(T)?/.exec(term.value);
  if (!parts || parts[4]) return [start, start];
  const next = new Date(start);
  if (parts[3]) next.setUTCDate(next.getUTCDate() + 1);
  else if (parts[2]) next.setUTCMonth(next.getUTCMonth() + 1);
  else next.setUTCFullYear(next.getUTCFullYear() + 1);
  return [start, next.getTime() - 1];
}
