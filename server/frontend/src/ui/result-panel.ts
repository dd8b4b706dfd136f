/* The result: what it is in a line, the views that suit it, its files. */

import { Names, MOST_NAMES } from "../knowledge/names.ts";
import type { PageFacts } from "../page.ts";
import { type Answer, MOST_ROWS, ask, send } from "../run/request.ts";
import { type Result, type Row, irisOf } from "../run/result.ts";
import type { Hints } from "../sparql/hints.ts";
import { type ViewEntry, VIEWS, findView } from "../views/index.ts";
import type { Shown, ViewOptions } from "../views/view.ts";
import type { AddressState } from "./address.ts";
import { button, make } from "./elements.ts";
import { EvidencePanel } from "./evidence.ts";

export interface Ran {
  readonly text: string;
  readonly hints: Hints;
  readonly seconds: number;
  /** What other endpoints gave, as an element. */
  readonly services: HTMLElement | null;
}

/** Formats in which the endpoint answers, by what the query is: label, name, suffix. */
const FILES: Readonly<Record<Result["kind"], ReadonlyArray<readonly [string, string, string]>>> = {
  solutions: [
    ["CSV", "csv", "csv"], ["TSV", "tsv", "tsv"], ["Excel", "xlsx", "xlsx"], ["JSON", "json", "json"], ["XML", "xml", "xml"],
    ["Markdown", "markdown", "md"], ["HTML", "fragment", "fragment.html"], ["GeoJSON", "geojson", "geojson"], ["GraphML", "graphml", "graphml"],
  ],
  boolean: [["JSON", "json", "json"], ["XML", "xml", "xml"], ["Markdown", "markdown", "md"], ["HTML", "fragment", "fragment.html"]],
  graph: [
    ["Turtle", "turtle", "ttl"], ["N-Triples", "ntriples", "nt"], ["JSON-LD", "jsonld", "jsonld"], ["RDF/XML", "rdfxml", "rdf"],
    ["TriG", "trig", "trig"], ["N-Quads", "nquads", "nq"], ["GraphML", "graphml", "graphml"],
  ],
};

export class ResultPanel {
  readonly #page: PageFacts;
  readonly #address: AddressState;
  readonly #element = make("section", { class: "result workbench-result", "aria-label": "Result" });
  readonly #said = make("p", { class: "quiet", role: "status" });
  readonly #names: Names;
  readonly #evidence: EvidencePanel;
  #shown: Shown | null = null;
  #leaving = new AbortController();

  constructor(page: PageFacts, address: AddressState) {
    this.#page = page;
    this.#address = address;
    this.#names = new Names(page);
    this.#evidence = new EvidencePanel(this.#names);
  }

  /** Stand behind `before`; what the server put there goes when something is run. */
  place(before: HTMLElement): void {
    before.after(this.#element, this.#said);
    this.#element.hidden = true;
  }

  clear(): void {
    this.#close();
    for (const section of document.querySelectorAll("main > section, main > details")) {
      if (section !== this.#element) section.remove();
    }
    this.#element.replaceChildren();
    this.#element.hidden = true;
  }

  tell(sentence: string): void {
    this.#element.hidden = false;
    this.#element.replaceChildren(make("p", { class: "notice", role: "status", textContent: sentence }));
  }

  fail(problem: HTMLElement): void {
    this.#element.hidden = false;
    this.#element.replaceChildren(problem);
  }

  show(answer: Answer, ran: Ran): void {
    this.#close();
    this.#leaving = new AbortController();
    const { result } = answer;
    const title = make("h2", { textContent: describe(result) });
    const facts = make("p", { class: "facts", textContent: `${ran.seconds.toFixed(2)} s${answer.generation ? `, generation ${answer.generation}` : ""}` });
    const place = make("div", { class: "view" });
    const views = make("div", { class: "views", role: "group", "aria-label": "Views" });
    this.#element.hidden = false;
    this.#element.replaceChildren(
      make("div", { class: "result-head" }, title, facts),
      ...(ran.services ? [ran.services] : []),
      ...(result.isCut ? [make("p", { class: "notice", textContent: `These are the first ${MOST_ROWS.toLocaleString()} rows. The files below have all of them.` })] : []),
    );
    if (result.kind === "boolean") {
      this.#element.append(make("p", { class: "verdict", textContent: result.truth ? "Yes" : "No" }));
    } else if (!result.rows.length) {
      this.#element.append(make("p", { textContent: "No row matches. That nothing is recorded here does not mean that nothing was said." }));
    }
    this.#element.append(views, place, this.#files(result, ran.text));
    this.#said.textContent = describe(result);
    void this.#names.load(irisOf(result), this.#leaving.signal);
    this.#offerViews(result, ran, views, place);
  }

  #offerViews(result: Result, ran: Ran, views: HTMLElement, place: HTMLElement): void {
    const suiting = VIEWS.filter((entry) => entry.suits(result));
    const open = async (entry: ViewEntry) => {
      const { signal } = this.#leaving;
      for (const other of views.children) other.setAttribute("aria-pressed", String((other as HTMLElement).dataset["view"] === entry.name));
      const view = await entry.load();
      if (signal.aborted) return;
      this.#shown?.close();
      place.className = `view view-${entry.name}`;
      place.replaceChildren();
      this.#shown = view.show(result, place, this.#options(entry, ran));
    };
    views.replaceChildren(
      ...suiting.map((entry) => {
        const chosen = button(entry.label, () => {
          this.#address.choose(entry.name);
          void open(entry);
        }, "view-button");
        chosen.dataset["view"] = entry.name;
        return chosen;
      }),
    );
    views.hidden = suiting.length < 2;
    const wanted = findView(this.#address.view) ?? findView(ran.hints.view);
    // An answer that is a truth, or nothing, needs no view until one is asked for.
    const isPlain = result.kind === "boolean" || result.rows.length === 0;
    const first = suiting.find((entry) => entry === wanted) ?? (isPlain ? undefined : suiting[0]);
    if (first) void open(first);
  }

  #options(entry: ViewEntry, ran: Ran): ViewOptions {
    const isHinted = findView(ran.hints.view) === entry;
    return {
      names: this.#names,
      hints: isHinted ? ran.hints.options : {},
      hinted: isHinted ? ran.hints.view : "",
      state: this.#address.of(entry.name),
      evidenceOf: (row: Row) => Object.values(row).filter((term) => term.kind === "iri" && this.#names.of(term.value).hasEvidence).map((term) => term.value),
      showEvidence: (iri, opener) => void this.#evidence.open(iri, opener),
      say: (sentence) => {
        this.#said.textContent = sentence;
      },
      request: (mediaType, signal) => send(this.#page, ran.text, mediaType, signal),
      ask: async (text, signal) => {
        const { result } = await ask(this.#page, text, signal);
        void this.#names.load(irisOf(result), signal);
        return result;
      },
    };
  }

  /** Links to the same query in every format. */
  #files(result: Result, text: string): HTMLElement {
    const line = make("p", { class: "downloads" }, "This result as ");
    FILES[result.kind].forEach(([label, format, suffix], at) => {
      const search = new URLSearchParams([["query", text], ...this.#page.dataset.map(([name, value]) => [name, value]), ["format", format]]);
      const address = `${this.#page.addresses.sparql}?${search}`;
      if (at) line.append(", ");
      line.append(make("a", { href: address, textContent: label, download: `result.${suffix}` }));
    });
    if (irisOf(result).length > MOST_NAMES) line.append(`. Names are looked up for the first ${MOST_NAMES.toLocaleString()} things.`);
    return line;
  }

  #close(): void {
    this.#leaving.abort();
    this.#shown?.close();
    this.#shown = null;
  }
}

function describe(result: Result): string {
  if (result.kind === "boolean") return "Answer";
  const [one, many] = result.kind === "graph" ? ["triple", "triples"] : ["row", "rows"];
  const count = result.rows.length;
  if (!count) return "Nothing found";
  return `${result.isCut ? "The first " : ""}${count.toLocaleString()} ${count === 1 ? one : many}`;
}
