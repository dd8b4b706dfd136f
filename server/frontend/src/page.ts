/* What the server tells this page: addresses, limits, prefixes. It stands in an attribute of the form. */

export interface PageFacts {
  /** The IRI space of the folder: its IRIs have pages here. */
  readonly base: string;
  /** Languages of labels, the reader's first. */
  readonly languages: readonly string[];
  /** Prefix -> namespace, of the vocabulary and the folder. */
  readonly prefixes: Readonly<Record<string, string>>;
  /** Seconds that a query may work here, and may spend on other endpoints. */
  readonly queryTimeout: number;
  readonly federationTimeout: number;
  readonly addresses: {
    readonly root: string;
    readonly sparql: string;
    readonly queries: string;
    readonly search: string;
    /** Where permalinks are made; empty where none can be. */
    readonly permalinks: string;
    /** The form for a new saved query; empty for a sender who may not save. */
    readonly save: string;
  };
  /** The token of forms (X-CSRF-Token), empty without a session. */
  readonly formToken: string;
  /** Dataset, generation and how other endpoints are asked, as pairs of parameters of the address. */
  readonly dataset: ReadonlyArray<readonly [string, string]>;
}

export const VOCABULARY = "https://w3id.org/onrecord/ns#";
export const TERMS = "https://w3id.org/onrecord/term/";

export function readPage(form: HTMLElement): PageFacts {
  const facts = JSON.parse(form.dataset["page"] ?? "{}") as PageFacts;
  const own = navigator.languages.map((tag) => tag.split("-")[0] ?? tag);
  return { ...facts, languages: [...new Set([...own, ...facts.languages])] };
}
