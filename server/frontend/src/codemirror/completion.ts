/* Completion: variables, words of SPARQL, terms with definitions, names in any script, saved queries, Wikidata. */

import { type Completion, type CompletionContext, type CompletionResult, autocompletion, snippetCompletion } from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { type KnownTerm, type Knowledge, termPrefixes } from "../knowledge/vocabulary.ts";
import type { PageFacts } from "../page.ts";
import { COMMON_PREFIXES, isWord, missingDeclarations, prologueEnd, shortenIri } from "../sparql/prefixes.ts";
import { type Token, isSolid, tokenize } from "../sparql/tokens.ts";
import { FUNCTIONS, KEYWORDS } from "../sparql/words.ts";

const LEAST_LETTERS = 2;
const BEGUN = /[?$]?[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.:-]*$|[?$]$|[\p{L}][\p{L}\p{N}_-]*:$/u;

/** The prefixes that completion may declare: of the folder, its lists of terms and Wikidata. */
export type KnownPrefixes = Record<string, string>;

export function complete(page: PageFacts, knowledge: Knowledge, prefixes: KnownPrefixes): Extension {
  const source = (context: CompletionContext) => find(context, page, knowledge, prefixes);
  return autocompletion({ override: [source], activateOnTyping: true, icons: false, maxRenderedOptions: 60 });
}

/** All prefixes that may be declared by themselves; those of term lists come once the vocabulary is there. */
export function knownPrefixes(page: PageFacts, knowledge: Knowledge): KnownPrefixes {
  const known: KnownPrefixes = { ...COMMON_PREFIXES, ...page.prefixes };
  void knowledge.terms().then((terms) => {
    for (const [prefix, namespace] of Object.entries(termPrefixes(terms))) known[prefix] ??= namespace;
  });
  return known;
}

async function find(
  context: CompletionContext,
  page: PageFacts,
  knowledge: Knowledge,
  prefixes: KnownPrefixes,
): Promise<CompletionResult | null> {
  const text = context.state.doc.toString();
  const tokens = tokenize(text);
  const at = tokens.find((token) => token.from < context.pos && context.pos <= token.to);
  if (at && (at.kind === "comment" || at.kind === "string" || at.kind === "iri")) return null;
  const begun = context.matchBefore(BEGUN);
  const word = begun?.text ?? "";
  if (!word && !context.explicit) return null;
  const from = begun?.from ?? context.pos;
  if (/^[?$]/.test(word)) return { from, options: variables(tokens, context.pos), validFor: /^[?$][\p{L}\p{N}_]*$/u };

  const terms = await knowledge.terms();
  const before = tokens.filter((token) => isSolid(token) && token.to <= from);
  const wantsClass = before.at(-1)?.text === "a";
  const colon = word.indexOf(":");
  if (colon >= 0) return completeName(word, from, { page, knowledge, prefixes, terms, wantsClass, context });

  const letters = word.length >= LEAST_LETTERS || context.explicit;
  const options: Completion[] = [
    ...(letters ? terms.map((term) => termOption(term, prefixes, wantsClass)) : []),
    ...KEYWORDS.map((keyword) => ({ label: keyword, type: "keyword", boost: keyword.startsWith(word.toUpperCase()) ? 20 : -20 })),
    ...FUNCTIONS.map((name) => snippetCompletion(`${name}(\${})`, { label: name, type: "function", boost: -30 })),
    ...Object.keys(prefixes).map((prefix) => ({ label: `${prefix}:`, detail: prefixes[prefix] ?? "", type: "namespace", boost: -10 })),
    ...(letters ? (await knowledge.queries()).map((query) => queryOption(query, knowledge)) : []),
  ];
  if (word.length < LEAST_LETTERS) return { from, options, validFor: /^\w*$/ };
  const names = await searchNames(word, "", { page, knowledge, prefixes, terms, wantsClass, context });
  // Names that sound alike, or stand in another script, fit by another rule than the editor's.
  return { from, options: [...options.filter((option) => fits(option, word)), ...names], filter: false };
}

interface Sources {
  readonly page: PageFacts;
  readonly knowledge: Knowledge;
  readonly prefixes: KnownPrefixes;
  readonly terms: readonly KnownTerm[];
  readonly wantsClass: boolean;
  readonly context: CompletionContext;
}

async function completeName(word: string, from: number, sources: Sources): Promise<CompletionResult> {
  const { prefixes, terms, knowledge, wantsClass } = sources;
  const prefix = word.slice(0, word.indexOf(":"));
  const namespace = prefixes[prefix] ?? "";
  const local = word.slice(prefix.length + 1);
  const known = prefix === "wd" || prefix === "wdt" ? await knowledge.wikidata() : terms;
  const own = known.filter((term) => namespace && term.iri.startsWith(namespace)).map((term) => termOption(term, prefixes, wantsClass));
  const found = own.filter((option) => fits(option, local) || option.label.startsWith(word));
  const isFolder = namespace.startsWith(sources.page.base) && local.length >= LEAST_LETTERS;
  const names = isFolder ? await searchNames(local.replace(/[-_]/g, " "), namespace, sources) : [];
  return { from, options: [...found, ...names], filter: false };
}

async function searchNames(words: string, namespace: string, sources: Sources): Promise<Completion[]> {
  const leaving = new AbortController();
  sources.context.addEventListener("abort", () => leaving.abort());
  const hits = await sources.knowledge.search(words, leaving.signal);
  return hits
    .filter((hit) => hit.iri.startsWith(namespace || sources.page.base))
    .map((hit, at) => ({
      label: shortenIri(hit.iri, sources.prefixes),
      displayLabel: hit.label,
      detail: hit.found !== hit.label ? hit.found : hit.kind,
      info: hit.iri,
      type: "name",
      boost: -at,
      apply: insertName(shortenIri(hit.iri, sources.prefixes), sources.prefixes),
    }));
}

function variables(tokens: readonly Token[], position: number): Completion[] {
  const found = new Set(tokens.filter((token) => token.kind === "variable" && token.to !== position).map((token) => token.text));
  return [...found].sort().map((label) => ({ label, type: "variable" }));
}

function termOption(term: KnownTerm, prefixes: KnownPrefixes, wantsClass: boolean): Completion {
  const name = shortenIri(term.iri, prefixes);
  const boosts = { class: wantsClass ? 60 : 5, property: wantsClass ? -40 : 30, term: wantsClass ? -40 : 10, item: 0 };
  return {
    label: name,
    detail: term.label,
    type: term.kind,
    boost: boosts[term.kind],
    ...(term.definition ? { info: term.definition } : {}),
    apply: insertName(name, prefixes),
  };
}

/** Insert a name and the declaration of its prefix, as one change. */
function insertName(name: string, prefixes: KnownPrefixes): NonNullable<Completion["apply"]> {
  return (view: EditorView, _completion: Completion, from: number, to: number) => {
    const text = view.state.doc.toString();
    const after = `${text.slice(0, from)}${name}${text.slice(to)}`;
    const declarations = missingDeclarations(after, prefixes);
    const place = Math.min(prologueEnd(text), from);
    view.dispatch({
      changes: [...(declarations ? [{ from: place, insert: declarations }] : []), { from, to, insert: name }],
      selection: { anchor: from + declarations.length + name.length },
      userEvent: "input.complete",
    });
  };
}

/** A saved query: the whole text where nothing else stands, else a sub-select with its prefixes at the head. */
function queryOption(query: { name: string; summary: string }, knowledge: Knowledge): Completion {
  return {
    label: query.name,
    detail: "saved query",
    info: query.summary,
    type: "query",
    boost: -15,
    apply: (view, _completion, from, to) => {
      void knowledge.queryText(query.name).then((saved) => {
        const text = view.state.doc.toString();
        if (!saved || text.slice(from, to) === "") return;
        const others = tokenize(text.slice(0, from) + text.slice(to)).filter(isSolid);
        const isAlone = others.every((token) => isWord(token, "PREFIX") || token.kind === "name" || token.kind === "iri");
        if (isAlone) view.dispatch({ changes: { from: 0, to: text.length, insert: saved }, userEvent: "input.complete" });
        else view.dispatch({ changes: nest(text, saved, from, to), userEvent: "input.complete" });
      });
    },
  };
}

function nest(text: string, saved: string, from: number, to: number): Array<{ from: number; to?: number; insert: string }> {
  const end = prologueEnd(saved);
  const declarations = saved.slice(0, end).split("\n").filter((line) => /^\s*PREFIX\b/i.test(line) && !text.includes(line.trim()));
  const body = saved.slice(end).trim().replace(/^/gm, "    ").trimStart();
  const place = Math.min(prologueEnd(text), from);
  return [
    ...(declarations.length ? [{ from: place, insert: `${declarations.join("\n")}\n` }] : []),
    { from, to, insert: `{\n    ${body}\n  }` },
  ];
}

/** Whether an option's name or label has a word that begins with what was written. */
function fits(option: Completion, written: string): boolean {
  const wanted = written.toLowerCase();
  if (!wanted) return true;
  return `${option.label} ${option.type === "query" || option.type === "namespace" ? "" : (option.detail ?? "")}`
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[\s:/_-]+/)
    .some((word) => word.startsWith(wanted)) || option.label.toLowerCase().replace(/^[^:]*:/, "").startsWith(wanted);
}
