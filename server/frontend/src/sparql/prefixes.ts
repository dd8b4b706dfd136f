/* Prefixes of a query: which are declared, which are used, and the declarations that are missing. */

import { type Token, isSolid, tokenize } from "./tokens.ts";

/** Prefixes that queries about linked data use everywhere, Wikidata's among them. */
export const COMMON_PREFIXES: Readonly<Record<string, string>> = {
  dcterms: "http://purl.org/dc/terms/",
  geo: "http://www.opengis.net/ont/geosparql#",
  geof: "http://www.opengis.net/def/function/geosparql/",
  owl: "http://www.w3.org/2002/07/owl#",
  p: "http://www.wikidata.org/prop/",
  pq: "http://www.wikidata.org/prop/qualifier/",
  pr: "http://www.wikidata.org/prop/reference/",
  prov: "http://www.w3.org/ns/prov#",
  ps: "http://www.wikidata.org/prop/statement/",
  rdf: "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
  rdfs: "http://www.w3.org/2000/01/rdf-schema#",
  schema: "http://schema.org/",
  skos: "http://www.w3.org/2004/02/skos/core#",
  wd: "http://www.wikidata.org/entity/",
  wdt: "http://www.wikidata.org/prop/direct/",
  wikibase: "http://wikiba.se/ontology#",
  xsd: "http://www.w3.org/2001/XMLSchema#",
};

/** Prefix -> namespace, of the declarations in `tokens`. */
export function declaredPrefixes(tokens: readonly Token[]): Map<string, string> {
  const found = new Map<string, string>();
  const solid = tokens.filter(isSolid);
  solid.forEach((token, at) => {
    const [name, iri] = [solid[at + 1], solid[at + 2]];
    if (isWord(token, "PREFIX") && name?.kind === "name" && iri?.kind === "iri") {
      found.set(name.text.slice(0, -1), iri.text.slice(1, -1));
    }
  });
  return found;
}

/** The declarations that `text` lacks for the prefixes in it that `known` has, each a line; sorted. */
export function missingDeclarations(text: string, known: Readonly<Record<string, string>>): string {
  const tokens = tokenize(text);
  const declared = declaredPrefixes(tokens);
  const missing = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "name") continue;
    const prefix = token.text.slice(0, token.text.indexOf(":"));
    if (!declared.has(prefix) && Object.hasOwn(known, prefix)) missing.add(prefix);
  }
  return [...missing].sort().map((prefix) => `PREFIX ${prefix}: <${known[prefix]}>\n`).join("");
}

/** Where a declaration is put: behind those that are there, else behind the comments at the head. */
export function prologueEnd(text: string): number {
  const tokens = tokenize(text);
  const solid = tokens.filter(isSolid);
  let end = 0;
  for (let at = 0; at < solid.length; ) {
    const token = solid[at] as Token;
    const length = isWord(token, "PREFIX") ? 3 : isWord(token, "BASE") || isWord(token, "VERSION") ? 2 : 0;
    if (!length) break;
    end = solid[Math.min(at + length, solid.length) - 1]?.to ?? end;
    at += length;
  }
  if (end) return lineEnd(text, end);
  const first = solid[0]?.from ?? text.length;
  const comment = tokens.filter((token) => token.kind === "comment" && token.to <= first).pop();
  return comment ? lineEnd(text, comment.to) : 0;
}

const PLAIN_LOCAL = /^[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_.-]*[\p{L}\p{N}\p{M}_-])?$/u;

/** How `iri` is best written: as a name with one of `prefixes`, the longest namespace first; else in brackets. */
export function shortenIri(iri: string, prefixes: Readonly<Record<string, string>>): string {
  let best = "";
  let length = 0;
  for (const [prefix, namespace] of Object.entries(prefixes)) {
    if (namespace.length > length && iri.startsWith(namespace) && PLAIN_LOCAL.test(iri.slice(namespace.length))) {
      best = `${prefix}:${iri.slice(namespace.length)}`;
      length = namespace.length;
    }
  }
  return best || `<${iri}>`;
}

export function isWord(token: Token, word: string): boolean {
  return token.kind === "word" && token.text.toUpperCase() === word;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end + 1;
}
