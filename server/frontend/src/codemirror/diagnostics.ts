/* Mistakes underlined where the server finds them: it alone judges, so it is asked while one writes, over no data. */

import { type Diagnostic, lintKeymap, setDiagnostics } from "@codemirror/lint";
import type { EditorState, Extension } from "@codemirror/state";
import { EditorView, ViewPlugin, type ViewUpdate, keymap } from "@codemirror/view";
import type { PageFacts } from "../page.ts";
import { Problem } from "../run/problem.ts";
import { type Pairs, send } from "../run/request.ts";
import { isSolid, isWordOf, readToken, tokenize } from "../sparql/tokens.ts";

/** After so long a pause in writing the text is judged. */
const PAUSE = 700;
/** Over no data an answer takes next to nothing; what takes longer is given up, and the server ends it. */
const PATIENCE = 8000;
const NOWHERE: Pairs = [
  ["default-graph-uri", "urn:x-onrecord:nowhere"],
  ["named-graph-uri", "urn:x-onrecord:nowhere"],
];

/** Asks the server about the text after each pause. */
export function judge(page: PageFacts): Extension {
  const plugin = ViewPlugin.define((view) => new Judge(view, page));
  return [plugin, keymap.of(lintKeymap)];
}

class Judge {
  readonly #view: EditorView;
  readonly #page: PageFacts;
  #timer = 0;
  #leaving = new AbortController();

  constructor(view: EditorView, page: PageFacts) {
    this.#view = view;
    this.#page = page;
  }

  update(update: ViewUpdate): void {
    if (!update.docChanged) return;
    this.#leaving.abort();
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), PAUSE);
  }

  destroy(): void {
    this.#leaving.abort();
    window.clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    const text = this.#view.state.doc.toString();
    const solid = tokenize(text).filter(isSolid);
    // What asks other endpoints is judged when it is run: they are not asked while one writes.
    if (!solid.length || solid.some((token) => isWordOf(token, "SERVICE", "INSERT", "DELETE", "LOAD", "CLEAR", "DROP"))) {
      return showMistake(this.#view, null);
    }
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    const leaving = this.#leaving;
    const giveUp = window.setTimeout(() => {
      leaving.abort();
      showMistake(this.#view, null);
    }, PATIENCE);
    try {
      const response = await send(this.#page, text, "application/sparql-results+json, application/n-triples;q=0.9", signal, NOWHERE);
      await response.body?.cancel();
      showMistake(this.#view, null);
    } catch (error) {
      if (!signal.aborted && error instanceof Problem) showMistake(this.#view, error.position ? error : null);
    } finally {
      window.clearTimeout(giveUp);
    }
  }
}

/** Underline the place of `problem`, or nothing. */
export function showMistake(view: EditorView, problem: Problem | null): void {
  const diagnostics = problem?.position ? [diagnose(view.state, problem, problem.position)] : [];
  view.dispatch(setDiagnostics(view.state, diagnostics));
}

function diagnose(state: EditorState, problem: Problem, position: { line: number; column: number }): Diagnostic {
  const [from, to] = rangeAt(state, position.line, position.column);
  return { from, to, severity: "error", message: problem.message };
}

/** The token at a line and column (from 1, in code points); at the end of the text, the last token. */
export function rangeAt(state: EditorState, line: number, column: number): [number, number] {
  const text = state.doc.toString();
  const from = offsetOf(state, line, column);
  const token = from < text.length ? readToken(text, from) : undefined;
  if (token && isSolid(token)) return [token.from, token.to];
  const before = tokenize(text.slice(0, from)).filter(isSolid).at(-1);
  return before ? [before.from, before.to] : [0, Math.min(1, text.length)];
}

/** The offset of a line and column that count from 1, in code points. */
export function offsetOf(state: EditorState, line: number, column: number): number {
  const found = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
  return Math.min(found.to, found.from + [...found.text].slice(0, column - 1).join("").length);
}
