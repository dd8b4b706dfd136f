/* The columns of a table: label columns folded into their IRIs, empty ones left out, each with its type. Pure. */

import { TERMS } from "../page.ts";
import type { Result, Row, Term } from "../run/result.ts";
import { type ColumnType, heading, numberOf, timeOf, typeOf } from "./cells.ts";

export interface Column {
  readonly variable: string;
  readonly heading: string;
  readonly type: ColumnType;
  /** The variable that holds the label of this column's IRI, if the query gave one. */
  readonly label: string;
}

export interface Columns {
  readonly shown: readonly Column[];
  /** Headings of the columns without any value. */
  readonly empty: readonly string[];
}

/** The columns of `result`: `speakerLabel` goes into `speaker` where that holds IRIs alone. */
export function arrangeColumns(result: Result): Columns {
  const used = result.variables.filter((name) => result.rows.length === 0 || result.rows.some((row) => row[name]));
  const types = new Map(used.map((name) => [name, typeOf(result.rows.map((row) => row[name]))]));
  const folded = new Map<string, string>();
  for (const name of used) {
    const of = name.endsWith("Label") ? name.slice(0, -"Label".length) : "";
    if (types.get(of) === "iri" && types.get(name) === "text") folded.set(name, of);
  }
  const order = [...new Set(used.map((name) => folded.get(name) ?? name))];
  return {
    shown: order.map((variable) => ({
      variable,
      heading: heading(variable),
      type: types.get(variable) ?? "text",
      label: [...folded].find(([, of]) => of === variable)?.[0] ?? "",
    })),
    empty: result.variables.filter((name) => !used.includes(name)).map(heading),
  };
}

const VOICES = new Set(["article", "party", "other-headline"]);

/** The voice that a row tells by one of its terms; empty where it tells none. */
export function voiceOf(row: Row): string {
  for (const term of Object.values(row)) {
    const slug = term.kind === "iri" && term.value.startsWith(`${TERMS}voice/`) ? term.value.slice(TERMS.length + 6) : "";
    if (VOICES.has(slug)) return slug;
  }
  return "";
}

/** How two cells of a column are ordered; unbound ones stand last in either direction. */
export function compareTerms(
  a: Term | undefined,
  b: Term | undefined,
  type: ColumnType,
  text: (term: Term) => string,
  direction: 1 | -1,
): number {
  if (!a || !b) return a ? -1 : b ? 1 : 0;
  if (type === "number") return direction * ((numberOf(a) ?? 0) - (numberOf(b) ?? 0));
  if (type === "time") return direction * ((timeOf(a) ?? 0) - (timeOf(b) ?? 0));
  return direction * COLLATOR.compare(text(a), text(b));
}

const COLLATOR = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Letters made comparable: without marks and case. */
export function foldText(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
