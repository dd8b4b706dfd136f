/* What completion knows: terms of the vocabulary with their definitions, names, saved queries, Wikidata. */

import { type PageFacts, TERMS, VOCABULARY } from "../page.ts";
import { ask } from "../run/request.ts";
import type { Row } from "../run/result.ts";
import { rankLanguage } from "./names.ts";

export interface KnownTerm {
  readonly iri: string;
  readonly kind: "class" | "property" | "term" | "item";
  readonly label: string;
  readonly definition: string;
}

const OWL = "http://www.w3.org/2002/07/owl#";
const VOCABULARY_QUERY = `PREFIX owl: <${OWL}>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX rec: <${VOCABULARY}>
SELECT ?iri ?kind ?label ?definition {
  {
    VALUES (?type ?kind) {
      (owl:Class "class") (owl:ObjectProperty "property")
      (owl:DatatypeProperty "property") (owl:AnnotationProperty "property")
    }
    ?iri a ?type
  } UNION { ?iri a/rdfs:subClassOf* rec:Term BIND("term" AS ?kind) }
  FILTER(ISIRI(?iri))
  ?iri rdfs:label ?label
  OPTIONAL { ?iri rdfs:comment ?definition FILTER(LANG(?definition) = LANG(?label)) }
}`;

/** Items of Wikidata that this graph links to, by the names that things have here: nobody else is asked. */
const ITEMS_QUERY = `PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?iri ("item" AS ?kind) ?label {
  ?thing ?link ?iri ; rdfs:label ?label
  FILTER(ISIRI(?iri) && STRSTARTS(STR(?iri), "http://www.wikidata.org/entity/"))
} LIMIT 20000`;

/** Properties of Wikidata that people ask for most; its labels, CC0. */
const WIKIDATA_PROPERTIES: Readonly<Record<string, string>> = {
  P17: "country", P18: "image", P27: "country of citizenship", P31: "instance of", P39: "position held",
  P102: "member of political party", P131: "located in the administrative territorial entity", P138: "named after",
  P159: "headquarters location", P276: "location", P279: "subclass of", P361: "part of", P463: "member of",
  P527: "has part(s)", P569: "date of birth", P570: "date of death", P571: "inception", P576: "dissolved or abolished",
  P580: "start time", P582: "end time", P585: "point in time", P607: "conflict", P625: "coordinate location",
  P710: "participant", P856: "official website", P1082: "population", P1120: "number of deaths", P1365: "replaces",
};

/** Answers of which each is asked for once, when it is first needed. */
export class Knowledge {
  readonly #page: PageFacts;
  #terms: Promise<readonly KnownTerm[]> | null = null;
  #items: Promise<readonly KnownTerm[]> | null = null;
  #queries: Promise<ReadonlyArray<{ name: string; summary: string }>> | null = null;

  constructor(page: PageFacts) {
    this.#page = page;
  }

  /** Classes, properties and terms with labels in the reader's language. */
  terms(): Promise<readonly KnownTerm[]> {
    this.#terms ??= this.#read(VOCABULARY_QUERY);
    return this.#terms;
  }

  /** Items and properties of Wikidata. */
  async wikidata(): Promise<readonly KnownTerm[]> {
    this.#items ??= this.#read(ITEMS_QUERY);
    const properties = Object.entries(WIKIDATA_PROPERTIES).map(([name, label]) => ({
      iri: `http://www.wikidata.org/prop/direct/${name}`,
      kind: "property" as const,
      label,
      definition: "A property of Wikidata.",
    }));
    return [...(await this.#items), ...properties];
  }

  queries(): Promise<ReadonlyArray<{ name: string; summary: string }>> {
    this.#queries ??= fetch(`${this.#page.addresses.queries}.json`)
      .then((response) => response.json() as Promise<{ queries: Array<{ name: string; summary: string }> }>)
      .then((told) => told.queries)
      .catch(() => []);
    return this.#queries;
  }

  async queryText(name: string): Promise<string> {
    const response = await fetch(`${this.#page.addresses.queries}/${encodeURIComponent(name)}.rq`);
    return response.ok ? response.text() : "";
  }

  /** Things whose name fits `words`, in any script and spelling. */
  async search(words: string, signal: AbortSignal): Promise<ReadonlyArray<{ iri: string; label: string; found: string; kind: string }>> {
    const response = await fetch(`${this.#page.addresses.search}?${new URLSearchParams({ q: words })}`, {
      headers: { Accept: "application/json" },
      signal,
    }).catch(() => null);
    if (!response?.ok) return [];
    const told = (await response.json()) as { hits: Array<{ iri: string; label: string; name: string; kinds: string[] }> };
    return told.hits.map((hit) => ({ iri: hit.iri, label: hit.label, found: hit.name, kind: hit.kinds[0] ?? "" }));
  }

  async #read(query: string): Promise<readonly KnownTerm[]> {
    try {
      const answer = await ask(this.#page, query, new AbortController().signal, undefined, []);
      return chooseLabels(answer.result.rows, this.#page.languages);
    } catch {
      return [];
    }
  }
}

function chooseLabels(rows: readonly Row[], languages: readonly string[]): KnownTerm[] {
  const best = new Map<string, { rank: number; term: KnownTerm }>();
  for (const row of rows) {
    const { iri, label } = row;
    if (!iri || label?.kind !== "literal") continue;
    const rank = rankLanguage(label.language ?? "", languages);
    if (rank >= (best.get(iri.value)?.rank ?? Number.POSITIVE_INFINITY)) continue;
    const kind = (row["kind"]?.value ?? "term") as KnownTerm["kind"];
    best.set(iri.value, { rank, term: { iri: iri.value, kind, label: label.value, definition: row["definition"]?.value ?? "" } });
  }
  return [...best.values()].map(({ term }) => term);
}

/** A prefix for each list of terms (`relation:`, `act:`), as the shipped queries have them. */
export function termPrefixes(terms: readonly KnownTerm[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { iri } of terms) {
    const list = iri.startsWith(TERMS) ? iri.slice(TERMS.length).split("/") : [];
    if (list.length === 2 && list[0]) found[list[0]] = `${TERMS}${list[0]}/`;
  }
  return found;
}
