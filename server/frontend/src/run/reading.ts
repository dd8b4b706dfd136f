/* Answers read while they arrive: rows of SPARQL JSON, triples of N-Triples. */

import { type Token, isSolid, tokenize } from "../sparql/tokens.ts";
import { GRAPH_VARIABLES, type Result, type Row, type Term, makeTriple, readRow } from "./result.ts";

/** Takes an answer piece by piece. */
export interface AnswerReader {
  /** Rows so far. */
  readonly count: number;
  take(piece: string): void;
  /** The result; `isCut` when the rest was not waited for. Throws where an answer that should be whole is not. */
  finish(isCut: boolean): Result;
}

/** Root, "results", "bindings", row: only rows stand so deep. */
const ROW_DEPTH = 4;

/** Reads the SPARQL results JSON format: each row is parsed as soon as its bracket closes. */
export class SolutionReader implements AnswerReader {
  readonly #rows: Row[] = [];
  /** What stands around the rows. */
  #frame = "";
  #row = "";
  #depth = 0;
  #inString = false;
  #isEscaped = false;

  get count(): number {
    return this.#rows.length;
  }

  take(piece: string): void {
    let start = this.#depth >= ROW_DEPTH ? 0 : -1;
    for (let at = 0; at < piece.length; at += 1) {
      const char = piece.charCodeAt(at);
      const closes = !this.#inString && (char === 0x7d || char === 0x5d);
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (char === 0x5c) this.#isEscaped = true;
        else if (char === 0x22) this.#inString = false;
      } else if (char === 0x22) {
        this.#inString = true;
      } else if (char === 0x7b || char === 0x5b) {
        this.#depth += 1;
        if (this.#depth === ROW_DEPTH) start = at;
      } else if (closes) {
        this.#depth -= 1;
        if (this.#depth === ROW_DEPTH - 1) {
          this.#rows.push(readRow(this.#row + piece.slice(start, at + 1)));
          this.#row = "";
          start = -1;
          continue;
        }
      }
      // Behind the first row only brackets belong to the frame, not the commas between rows.
      if (start < 0 && (closes || this.#rows.length === 0)) this.#frame += piece.charAt(at);
    }
    if (start >= 0) this.#row += piece.slice(start);
  }

  finish(isCut: boolean): Result {
    if (!isCut && this.#depth !== 0) throw new Error("The answer broke off.");
    const frame = JSON.parse(isCut ? closeBrackets(this.#frame) : this.#frame) as {
      head?: { vars?: string[] };
      boolean?: boolean;
    };
    const truth = frame.boolean ?? null;
    return {
      kind: truth === null ? "solutions" : "boolean",
      variables: frame.head?.vars ?? [],
      rows: this.#rows,
      truth,
      isCut,
    };
  }
}

function closeBrackets(text: string): string {
  const open: string[] = [];
  for (const char of text.replace(/"(?:[^"\\]|\\.)*"/g, "")) {
    if (char === "{" || char === "[") open.push(char === "{" ? "}" : "]");
    if (char === "}" || char === "]") open.pop();
  }
  return text + open.reverse().join("");
}

/** Reads N-Triples, 1.1 and 1.2: a line is a triple. */
export class TripleReader implements AnswerReader {
  readonly #rows: Row[] = [];
  #rest = "";

  get count(): number {
    return this.#rows.length;
  }

  take(piece: string): void {
    const lines = (this.#rest + piece).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const row = readTriple(line);
      if (row) this.#rows.push(row);
    }
  }

  finish(isCut: boolean): Result {
    if (!isCut && this.#rest.trim()) this.take("\n");
    return { kind: "graph", variables: GRAPH_VARIABLES, rows: this.#rows, truth: null, isCut };
  }
}

/** The triple of a line of N-Triples; null for an empty line. */
export function readTriple(line: string): Row | null {
  const tokens = tokenize(line).filter(isSolid);
  if (!tokens.length) return null;
  const [subject, predicate, object] = readThree(tokens, { at: 0 });
  return { subject, predicate, object };
}

interface Place {
  at: number;
}

function readThree(tokens: readonly Token[], place: Place): readonly [Term, Term, Term] {
  return [readTerm(tokens, place), readTerm(tokens, place), readTerm(tokens, place)];
}

function readTerm(tokens: readonly Token[], place: Place): Term {
  const token = tokens[place.at];
  place.at += 1;
  if (!token) throw new Error("The answer broke off.");
  if (token.kind === "iri") return { kind: "iri", value: unescape(token.text.slice(1, -1)) };
  if (token.kind === "blank") return { kind: "blank", value: token.text.slice(2) };
  if (token.text === "<<(") {
    const triple = makeTriple(readThree(tokens, place));
    place.at += 1;
    return triple;
  }
  const value = unescape(token.text.slice(1, -1));
  const next = tokens[place.at];
  if (next?.kind === "language") {
    place.at += 1;
    return { kind: "literal", value, language: next.text.slice(1).replace(/--.*/, "") };
  }
  const datatype = next?.text === "^^" ? tokens[place.at + 1] : undefined;
  if (!datatype) return { kind: "literal", value };
  place.at += 2;
  return { kind: "literal", value, datatype: datatype.text.slice(1, -1) };
}

const ESCAPES: Readonly<Record<string, string>> = { t: "\t", b: "\b", n: "\n", r: "\r", f: "\f" };

function unescape(text: string): string {
  return text.replace(/\\(?:u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8})|(.))/g, (_, four?: string, eight?: string, one?: string) =>
    one === undefined ? String.fromCodePoint(Number.parseInt(four ?? eight ?? "", 16)) : (ESCAPES[one] ?? one),
  );
}
