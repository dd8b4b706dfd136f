/* The result of a query, as views get it. */

export type Term =
  | { readonly kind: "iri" | "blank"; readonly value: string }
  | { readonly kind: "literal"; readonly value: string; readonly language?: string; readonly datatype?: string }
  | { readonly kind: "triple"; readonly value: string; readonly parts: readonly [Term, Term, Term] };

/** A solution: variable -> term; an unbound variable is absent. */
export type Row = Readonly<Record<string, Term>>;

/**
 * A result. That of CONSTRUCT and DESCRIBE has its triples as rows of `subject`, `predicate` and `object`, so that
 * every view can read it.
 */
export interface Result {
  readonly kind: "solutions" | "boolean" | "graph";
  readonly variables: readonly string[];
  readonly rows: readonly Row[];
  /** The answer of ASK. */
  readonly truth: boolean | null;
  /** There are more rows than are held here. */
  readonly isCut: boolean;
}

export const GRAPH_VARIABLES = ["subject", "predicate", "object"] as const;

interface JsonTerm {
  readonly type: string;
  readonly value: string | { readonly subject: JsonTerm; readonly predicate: JsonTerm; readonly object: JsonTerm };
  readonly datatype?: string;
  readonly "xml:lang"?: string;
}

/** A term of the SPARQL results JSON format, 1.1 and 1.2. */
export function readTerm(json: JsonTerm): Term {
  if (typeof json.value !== "string") {
    const { subject, predicate, object } = json.value;
    return makeTriple([readTerm(subject), readTerm(predicate), readTerm(object)]);
  }
  if (json.type === "uri") return { kind: "iri", value: json.value };
  if (json.type === "bnode") return { kind: "blank", value: json.value };
  const language = json["xml:lang"];
  return {
    kind: "literal",
    value: json.value,
    ...(language ? { language } : {}),
    ...(json.datatype ? { datatype: json.datatype } : {}),
  };
}

export function makeTriple(parts: readonly [Term, Term, Term]): Term {
  return { kind: "triple", value: parts.map((part) => part.value).join(" "), parts };
}

/** A row of the SPARQL results JSON format. */
export function readRow(json: string): Row {
  const row: Record<string, Term> = {};
  for (const [name, term] of Object.entries(JSON.parse(json) as Record<string, JsonTerm>)) row[name] = readTerm(term);
  return row;
}

/** Every IRI of a result once, in the order of its rows. */
export function irisOf(result: Result): string[] {
  const found = new Set<string>();
  const collect = (term: Term): void => {
    if (term.kind === "iri") found.add(term.value);
    if (term.kind === "triple") term.parts.forEach(collect);
  };
  for (const row of result.rows) Object.values(row).forEach(collect);
  return [...found];
}
