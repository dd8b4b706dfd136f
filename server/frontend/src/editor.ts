/* The editor of /sparql. Without this script the form there is whole. */

import type { EditorView } from "@codemirror/view";
import { complete, knownPrefixes } from "./codemirror/completion.ts";
import { declarePrefixes } from "./codemirror/declare.ts";
import { judge, offsetOf, showMistake } from "./codemirror/diagnostics.ts";
import { openEditor } from "./codemirror/setup.ts";
import { Knowledge } from "./knowledge/vocabulary.ts";
import { type PageFacts, readPage } from "./page.ts";
import { Problem } from "./run/problem.ts";
import { ask } from "./run/request.ts";
import { readHints } from "./sparql/hints.ts";
import { layOut } from "./sparql/layout.ts";
import { AddressState, writeQuery } from "./ui/address.ts";
import { Beside } from "./ui/beside.ts";
import { button, make } from "./ui/elements.ts";
import { remember } from "./ui/history.ts";
import { showKeys } from "./ui/keys.ts";
import { showProblem } from "./ui/problem.ts";
import { ResultPanel } from "./ui/result-panel.ts";
import { RunningLine } from "./ui/running.ts";
import { save } from "./ui/save.ts";
import { showServices } from "./ui/services.ts";
import { share } from "./ui/share.ts";

/** Editor, running and result, put together. */
class Workbench {
  readonly #page: PageFacts;
  readonly #form: HTMLFormElement;
  readonly #area: HTMLTextAreaElement;
  readonly #address = new AddressState();
  readonly #running: RunningLine;
  readonly #panel: ResultPanel;
  readonly #beside: Beside;
  readonly #run: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  #view!: EditorView;
  #leaving: AbortController | null = null;
  /** The query part of the address, as it was last written. */
  #search = location.search;

  constructor(form: HTMLFormElement, area: HTMLTextAreaElement) {
    this.#form = form;
    this.#area = area;
    this.#page = readPage(form);
    this.#running = new RunningLine(this.#page);
    this.#panel = new ResultPanel(this.#page, this.#address);
    this.#beside = new Beside(this.#page, (text) => this.#put(text));
    this.#run = form.querySelector<HTMLButtonElement>("button.run") ?? make("button", { textContent: "Run" });
    this.#stop = button("Stop", () => this.#halt(), "second");
    this.#stop.hidden = true;
  }

  begin(): void {
    this.#mount();
    const hasQuery = new URLSearchParams(location.search).has("query") || /\/s\/[^/]+$/.test(location.pathname);
    if (hasQuery && new URLSearchParams(location.search).has("view")) void this.#start();
    window.addEventListener("popstate", () => {
      // Only the way back to another query is a reload; a link within the page is none.
      if (location.search !== this.#search) location.reload();
    });
  }

  #mount(): void {
    const knowledge = new Knowledge(this.#page);
    const prefixes = knownPrefixes(this.#page, knowledge);
    const host = make("div", { class: "editor" });
    const bench = make("div", { class: "bench" });
    this.#form.before(bench);
    bench.append(this.#form, this.#beside.element);
    this.#area.before(host);
    this.#area.hidden = true;
    this.#view = openEditor(
      host,
      this.#area.value,
      "Query",
      { run: () => void this.#start(), stop: () => this.#halt(), layOut: () => this.#layOut(), showKeys },
      [complete(this.#page, knowledge, prefixes), declarePrefixes(prefixes), judge(this.#page)],
    );
    this.#form.querySelector("label[for=query]")?.addEventListener("click", (event) => {
      event.preventDefault();
      this.#view.focus();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#start();
    });
    this.#form.querySelector("button[formaction]")?.remove();
    document.querySelector("form.inline.link")?.remove();
    this.#run.after(this.#stop, this.#tools());
    this.#form.querySelector(".actions")?.after(this.#running.element);
    this.#panel.place(bench);
  }

  #tools(): HTMLElement {
    const tools = make("div", { class: "editor-tools", role: "group", "aria-label": "The text" });
    tools.append(button("Lay out", () => this.#layOut()));
    if (this.#page.addresses.permalinks) tools.append(button("Share", () => void share(this.#page, this.#text, this.#address.hash)));
    if (this.#page.addresses.save) tools.append(button("Save", () => save(this.#page, this.#text)));
    tools.append(button("Keys", showKeys));
    return tools;
  }

  get #text(): string {
    return this.#view.state.doc.toString();
  }

  #put(text: string): void {
    this.#view.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text }, selection: { anchor: 0 }, scrollIntoView: true });
    this.#view.focus();
  }

  #layOut(): void {
    const text = layOut(this.#text);
    if (text !== this.#text) this.#view.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text } });
    this.#view.focus();
  }

  /** End the running query; the server is told by the connection that closes. */
  #halt(): boolean {
    if (!this.#leaving) return false;
    this.#leaving.abort();
    return true;
  }

  async #start(): Promise<void> {
    const text = this.#text;
    this.#halt();
    const leaving = new AbortController();
    this.#leaving = leaving;
    const isMine = () => this.#leaving === leaving;
    this.#stop.hidden = false;
    this.#run.disabled = true;
    showMistake(this.#view, null);
    this.#panel.clear();
    this.#running.start(text);
    writeQuery(this.#page.addresses.sparql, text, this.#page.dataset, this.#address.hash);
    this.#search = location.search;
    const began = performance.now();
    try {
      const answer = await ask(this.#page, text, leaving.signal, (rows) => this.#running.tell(rows));
      if (!isMine()) return;
      const services = answer.report ? await showServices(answer.report, leaving.signal) : null;
      remember(text, answer.result.rows.length);
      this.#beside.showHistory();
      this.#panel.show(answer, { text, hints: readHints(text), seconds: (performance.now() - began) / 1000, services });
    } catch (error) {
      if (!isMine()) return;
      if (leaving.signal.aborted) this.#panel.tell(`Stopped after ${((performance.now() - began) / 1000).toFixed(1)} seconds. The server has ended the query.`);
      else this.#fail(error);
    } finally {
      if (isMine()) {
        this.#leaving = null;
        this.#stop.hidden = true;
        this.#run.disabled = false;
        this.#running.stop();
      }
    }
  }

  #fail(error: unknown): void {
    if (error instanceof Problem && error.position) showMistake(this.#view, error);
    const goTo = (line: number, column: number) => {
      this.#view.dispatch({ selection: { anchor: offsetOf(this.#view.state, line, column) }, scrollIntoView: true });
      this.#view.focus();
    };
    this.#panel.fail(showProblem(error, goTo));
  }
}

const form = document.querySelector<HTMLFormElement>("form.query[data-page]");
const area = form?.querySelector<HTMLTextAreaElement>("textarea[name=query]");
if (form && area) new Workbench(form, area).begin();
