/* A term as people read it in a cell or a caption; shared by views. */

import type { Names } from "../knowledge/names.ts";
import type { Term } from "../run/result.ts";

const XSD = "http://www.w3.org/2001/XMLSchema#";
const NUMBERS = new Set(
  "integer decimal double float int long short byte nonNegativeInteger positiveInteger negativeInteger nonPositiveInteger unsignedInt unsignedLong unsignedShort unsignedByte"
    .split(" ")
    .map((name) => XSD + name),
);
const TIMES = new Set(["dateTime", "date", "gYear", "gYearMonth", "dateTimeStamp"].map((name) => XSD + name));

export type ColumnType = "number" | "time" | "iri" | "text";

/** The number that a literal of a numeric type is, else null. */
export function numberOf(term: Term | undefined): number | null {
  if (term?.kind !== "literal" || !NUMBERS.has(term.datatype ?? "")) return null;
  const number = Number(term.value.replace("INF", "Infinity"));
  return Number.isNaN(number) ? null : number;
}

/** Milliseconds since 1970 of a literal of a type of time, else null; a year alone is its beginning. */
export function timeOf(term: Term | undefined): number | null {
  if (term?.kind !== "literal" || !TIMES.has(term.datatype ?? "")) return null;
  const time = Date.parse(/^-?\d{4,}$/.test(term.value) ? `${term.value}-01-01` : term.value);
  return Number.isNaN(time) ? null : time;
}

/** What all values of a column are, so that it is sorted and set as such. */
export function typeOf(terms: ReadonlyArray<Term | undefined>): ColumnType {
  const bound = terms.filter((term) => term !== undefined);
  if (bound.length && bound.every((term) => numberOf(term) !== null)) return "number";
  if (bound.length && bound.every((term) => timeOf(term) !== null)) return "time";
  return bound.length && bound.every((term) => term.kind === "iri") ? "iri" : "text";
}

/** The text of a term as it is shown, filtered and copied. */
export function textOf(term: Term | undefined, names: Names): string {
  if (!term) return "";
  if (term.kind === "iri") return names.of(term.value).text;
  if (term.kind === "blank") return `_:${term.value}`;
  if (term.kind === "triple") return `<<( ${term.parts.map((part) => textOf(part, names)).join(" ")} )>>`;
  return term.value;
}

/** A term as an element: a label that links to its page, with the IRI on hover; a text in its own direction. */
export function cellOf(term: Term | undefined, names: Names): HTMLElement {
  const cell = document.createElement("span");
  cell.textContent = textOf(term, names);
  if (!term) {
    cell.className = "unbound";
    cell.textContent = "–";
    cell.title = "no value";
  } else if (term.kind === "iri") {
    return linkOf(term.value, names);
  } else if (term.kind === "literal") {
    cell.dir = "auto";
    if (term.language) cell.lang = term.language;
    const type = term.datatype ?? "";
    if (type) cell.title = names.of(type).text;
  } else {
    cell.className = "iri";
  }
  return cell;
}

/** The name of an IRI, leading to its page. */
export function linkOf(iri: string, names: Names): HTMLElement {
  const name = names.of(iri);
  const link = document.createElement(name.href ? "a" : "span");
  link.textContent = name.text;
  link.title = iri;
  if (link instanceof HTMLAnchorElement) {
    link.href = name.href;
    link.rel = "noreferrer";
  }
  if (name.isLabelled) {
    link.dir = "auto";
    if (name.language) link.lang = name.language;
  } else {
    link.className = "iri";
  }
  return link;
}

/** A variable as words: `speaker1Label` is "speaker 1 label". */
export function heading(variable: string): string {
  return variable
    .split(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])|_|-/)
    .join(" ")
    .toLowerCase();
}
