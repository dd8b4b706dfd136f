/*
 * The layout of a query: a pattern a line, indented by its groups. Only white space changes; breaks and gaps that
 * an author made within a pattern stay, so that paths and lists of variables read as they were written.
 */

import { isWord } from "./prefixes.ts";
import { type Token, isSolid, tokenize } from "./tokens.ts";

const INDENT = "  ";
/** Words that begin a line of their own outside of parentheses. */
const STARTS = new Set(
  `PREFIX BASE VERSION SELECT CONSTRUCT DESCRIBE ASK FROM OPTIONAL FILTER BIND MINUS SERVICE GRAPH VALUES GROUP
  HAVING ORDER LIMIT OFFSET INSERT DELETE WITH USING`.split(/\s+/),
);
/** Behind these a pattern, group or clause is whole. */
const ENDS = new Set(["{", "}", ".", ";"]);
const LONGEST_DATA = 80;

interface Bracket {
  readonly text: string;
  /** Whether its content stands on lines of its own. */
  readonly isBlock: boolean;
}

/** `text` laid out: the same tokens; what is laid out once stays as it is. */
export function layOut(text: string): string {
  const writer = new Writer(tokenize(text));
  return writer.write();
}

class Writer {
  readonly #tokens: readonly Token[];
  readonly #lines: string[] = [];
  readonly #brackets: Bracket[] = [];
  #line = "";
  #indent = 0;
  /** Whether predicates of the subject before go on, behind a semicolon. */
  #isListing = false;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  write(): string {
    this.#tokens.forEach((token, at) => this.#add(token, at));
    this.#break();
    while (this.#lines.at(-1) === "") this.#lines.pop();
    return this.#lines.length ? `${this.#lines.join("\n")}\n` : "";
  }

  #add(token: Token, at: number): void {
    if (token.kind === "space") return this.#addSpace(token, at);
    if (token.kind === "comment") return this.#addComment(token, at);
    if (token.kind === "close") return this.#addClose(token, at);
    if (!this.#isInline && startsLine(token)) this.#break();
    this.#append(token.text, this.#isApart(at) || token.text === "{" || token.text === ";");
    if (token.kind === "open") {
      const isBlock = token.text === "{" && !this.#isInline && !isShortData(this.#tokens, at);
      this.#brackets.push({ text: token.text, isBlock });
      if (isBlock) this.#endPattern(false);
    } else if (!this.#isInline && token.text === ";") {
      this.#endPattern(true);
    } else if (!this.#isInline && token.text === ".") {
      this.#endPattern(false);
    }
  }

  #addSpace(token: Token, at: number): void {
    const breaks = token.text.split("\n").length - 1;
    const next = this.#tokens[at + 1];
    if (!breaks || !next || this.#isInline || next.kind === "close" || next.text === ";" || next.text === ".") return;
    if (this.#line) {
      const goesOn = !startsLine(next) && !isWord(next, "WHERE") && !this.#isWhole(at) && next.kind !== "comment";
      this.#break();
      if (goesOn) this.#indent = this.#depth + 1 + (this.#isListing ? 1 : 0);
    }
    if (breaks > 1 && this.#lines.length && !this.#lines.at(-1)?.endsWith("{") && this.#lines.at(-1)) this.#lines.push("");
  }

  #addComment(token: Token, at: number): void {
    const before = this.#tokens[at - 1];
    const standsAlone = !before || (before.kind === "space" && before.text.includes("\n"));
    if (standsAlone) this.#break();
    else if (!this.#line && this.#lines.length) this.#line = (this.#lines.pop() ?? "").trimStart();
    const indent = this.#indent;
    this.#append(token.text.trimEnd(), true);
    this.#break();
    if (!standsAlone) this.#indent = indent;
  }

  #addClose(token: Token, at: number): void {
    const bracket = this.#brackets.pop();
    if (!bracket?.isBlock) {
      const opposite = bracket && this.#line.endsWith(bracket.text);
      this.#append(token.text, this.#isApart(at) && !opposite && token.text !== ")" && token.text !== "]");
      return;
    }
    this.#break();
    this.#isListing = false;
    this.#indent = this.#depth;
    this.#line = token.text;
    if (!goesOnBehindGroup(this.#tokens, at)) this.#break();
  }

  #append(text: string, isApart: boolean): void {
    this.#line += this.#line && isApart && !/[([]$/.test(this.#line) ? ` ${text}` : text;
  }

  #endPattern(isListing: boolean): void {
    this.#isListing = isListing;
    this.#break();
  }

  #break(): void {
    if (this.#line) this.#lines.push(INDENT.repeat(this.#indent) + this.#line);
    this.#line = "";
    this.#indent = this.#depth + (this.#isListing ? 1 : 0);
  }

  get #depth(): number {
    return this.#brackets.filter((bracket) => bracket.isBlock).length;
  }

  get #isInline(): boolean {
    return this.#brackets.some((bracket) => !bracket.isBlock);
  }

  #isApart(at: number): boolean {
    return this.#tokens[at - 1]?.kind === "space";
  }

  /** Whether a pattern, clause or declaration is whole before `at`. */
  #isWhole(at: number): boolean {
    const solid = this.#tokens.slice(Math.max(0, at - 12), at).filter(isSolid);
    const last = solid.at(-1);
    const isDeclared = /^(?:PREFIX|BASE)$/i.test(solid.at(last?.kind === "iri" ? -3 : -9)?.text ?? solid.at(-2)?.text ?? "");
    return !last || ENDS.has(last.text) || isDeclared;
  }
}

function startsLine(token: Token): boolean {
  return token.kind === "word" && STARTS.has(token.text.toUpperCase());
}

/** What follows a group in one breath stays on the line of its bracket: `} UNION {`. */
function goesOnBehindGroup(tokens: readonly Token[], at: number): boolean {
  const next = tokens.slice(at + 1, at + 3).find((token) => token.kind !== "space");
  if (!next) return false;
  return next.kind === "word" ? /^(?:UNION|AS|WHERE)$/i.test(next.text) : next.text === "." || next.text === ")";
}

/** Data in braces, `{ UNDEF }` or `{ a b }`, that has no bracket and fits into a line. */
function isShortData(tokens: readonly Token[], at: number): boolean {
  const before = tokens.slice(Math.max(0, at - 8), at).filter(isSolid).slice(-2);
  if (!/^VALUES$/i.test(before[0]?.text ?? "") || before[1]?.kind !== "variable") return false;
  let length = 0;
  for (const token of tokens.slice(at + 1, at + LONGEST_DATA)) {
    if (token.text === "}") return true;
    length += token.kind === "space" ? 1 : token.text.length;
    if (token.kind === "comment" || token.kind === "open" || length > LONGEST_DATA) return false;
  }
  return false;
}
