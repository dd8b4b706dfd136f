/* Labels, addresses and kinds of IRIs, asked in bounded batches while a result is shown. */

import { type PageFacts, TERMS, VOCABULARY } from "../page.ts";
import { ask } from "../run/request.ts";
import { COMMON_PREFIXES, shortenIri } from "../sparql/prefixes.ts";

export interface Name {
  readonly iri: string;
  /** The label in the best language there is, else the IRI in short. */
  readonly text: string;
  readonly language: string;
  readonly isLabelled: boolean;
  /** Where it leads: a page here, its own web address, or empty. */
  readonly href: string;
  /** Whether its page tells a chain of speakers and the words it rests on. */
  readonly hasEvidence: boolean;
}

/** Records whose page is evidence. */
const EVIDENT = ["Claim", "Statement", "ClaimLink"].map((name) => VOCABULARY + name);
const BATCH = 500;
/** IRIs of one result that are named; the others show themselves in short. */
export const MOST_NAMES = 20_000;

interface Found {
  text: string;
  language: string;
  rank: number;
  hasEvidence: boolean;
}

export class Names {
  readonly #page: PageFacts;
  readonly #found = new Map<string, Found>();
  readonly #asked = new Set<string>();
  readonly #listeners = new Set<() => void>();
  readonly #prefixes: Readonly<Record<string, string>>;

  constructor(page: PageFacts) {
    this.#page = page;
    this.#prefixes = { ...COMMON_PREFIXES, ...page.prefixes };
  }

  of(iri: string): Name {
    const found = this.#found.get(iri);
    const short = shortenIri(iri, this.#prefixes);
    return {
      iri,
      text: found?.text || short.replace(/^<(.*)>$/, "$1"),
      language: found?.language ?? "",
      isLabelled: Boolean(found?.text),
      href: this.href(iri),
      hasEvidence: found?.hasEvidence ?? false,
    };
  }

  /** Where people read about `iri`. */
  href(iri: string): string {
    const root = this.#page.addresses.root;
    if (iri.startsWith(VOCABULARY)) return `${root}ns#${encodeURIComponent(iri.slice(VOCABULARY.length))}`;
    for (const [space, path] of [[TERMS, "term/"], [this.#page.base, ""]] as const) {
      if (space && iri.startsWith(space) && iri !== space) return `${root}${path}${encodePath(iri.slice(space.length))}.html`;
    }
    // Only web addresses become links: an IRI may also be a script.
    return /^https?:\/\//.test(iri) ? iri : "";
  }

  /** Call `listener` when more names are known; returns what stops that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ask for those of `iris` that are not known yet, in their order. A failure leaves them in short. */
  async load(iris: readonly string[], signal: AbortSignal): Promise<void> {
    const wanted = iris.filter((iri) => !this.#asked.has(iri) && isSafe(iri)).slice(0, MOST_NAMES);
    for (let at = 0; at < wanted.length && !signal.aborted; at += BATCH) {
      const batch = wanted.slice(at, at + BATCH);
      try {
        const answer = await ask(this.#page, namesQuery(batch), signal, undefined, []);
        for (const iri of batch) this.#asked.add(iri);
        for (const row of answer.result.rows) this.#take(row);
      } catch {
        return;
      }
      for (const listener of this.#listeners) listener();
    }
  }

  #take(row: Readonly<Record<string, { readonly value: string; readonly language?: string }>>): void {
    const iri = row["iri"]?.value ?? "";
    const label = row["label"];
    const found = this.#found.get(iri) ?? { text: "", language: "", rank: Number.POSITIVE_INFINITY, hasEvidence: false };
    if (row["kind"]) found.hasEvidence = true;
    if (label) {
      const rank = rankLanguage(label.language ?? "", this.#page.languages);
      if (rank < found.rank || (rank === found.rank && label.value < found.text)) {
        Object.assign(found, { text: label.value, language: label.language ?? "", rank });
      }
    }
    this.#found.set(iri, found);
  }
}

/** The place of a language among the reader's; then what has none, then the others. */
export function rankLanguage(language: string, languages: readonly string[]): number {
  const at = languages.indexOf((language.split("-")[0] ?? "").toLowerCase());
  return at >= 0 ? at : languages.length + (language ? 1 : 0);
}

/** Names a plain VALUES block of thousands of rows takes seconds: wrapped in a sub-select it is quick. */
function namesQuery(iris: readonly string[]): string {
  const kinds = EVIDENT.map((iri) => `<${iri}>`).join(", ");
  return `SELECT ?iri ?label ?kind {
  { SELECT * { VALUES ?iri { ${iris.map((iri) => `<${iri}>`).join(" ")} } } }
  { ?iri <http://www.w3.org/2000/01/rdf-schema#label> ?label }
  UNION { ?iri a ?kind FILTER(?kind IN (${kinds})) }
}`;
}

function isSafe(iri: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|^`\\]*$/.test(iri);
}

function encodePath(path: string): string {
  return path.split("/").map((step) => encodeURIComponent(decode(step))).join("/");
}

function decode(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
