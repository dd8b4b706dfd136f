/*
 * SPARQL 1.1 and 1.2 text as tokens, for colours, completion and layout. The server alone judges syntax, so
 * nothing here refuses a text: what is no token is one of kind `other`.
 */

export type Kind =
  | "space"
  | "comment"
  | "iri"
  | "string"
  | "variable"
  | "blank"
  | "language"
  | "name"
  | "number"
  | "word"
  | "open"
  | "close"
  | "operator"
  | "other";

/** One token; `from` and `to` are offsets in UTF-16 units, as the editor counts. */
export interface Token {
  readonly kind: Kind;
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const ESCAPED = String.raw`\\[\s\S]`;
const LOCAL = String.raw`(?:[\p{L}\p{N}_:]|%[\dA-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%])`;
const LOCAL_MORE = String.raw`(?:[\p{L}\p{N}\p{M}_:·-]|%[\dA-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%])`;

const PATTERNS: ReadonlyArray<readonly [Kind, string]> = [
  ["space", String.raw`\s+`],
  ["comment", String.raw`#[^\r\n]*`],
  // A long string may be unfinished: it is a string to the end of the text.
  ["string", `"""(?:"{0,2}(?:[^"\\\\]|${ESCAPED}))*(?:"""|$)|'''(?:'{0,2}(?:[^'\\\\]|${ESCAPED}))*(?:'''|$)`],
  ["string", `"(?:[^"\\\\\\r\\n]|\\\\.)*"|'(?:[^'\\\\\\r\\n]|\\\\.)*'`],
  ["iri", String.raw`<[^\x00-\x20<>"{}|^${"`"}\\]*(?:\\[uU][\dA-Fa-f]{4,8}[^\x00-\x20<>"{}|^${"`"}\\]*)*>`],
  ["variable", String.raw`[?$][\p{L}\p{N}_][\p{L}\p{N}\p{M}_·]*`],
  ["language", String.raw`@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[A-Za-z]+)?`],
  ["blank", String.raw`_:[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_·.-]*[\p{L}\p{N}\p{M}_·-])?`],
  [
    "name",
    String.raw`(?:\p{L}(?:[\p{L}\p{N}\p{M}_·.-]*[\p{L}\p{N}\p{M}_·-])?)?:(?:${LOCAL}(?:(?:${LOCAL_MORE}|\.)*${LOCAL_MORE})?)?`,
  ],
  ["number", String.raw`(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?`],
  ["word", String.raw`\p{L}[\p{L}\p{N}_]*`],
  ["open", String.raw`<<\(|<<|\{\||[{(\[]`],
  ["close", String.raw`\)>>|>>|\|\}|[})\]]`],
  ["operator", String.raw`\^\^|&&|\|\||!=|<=|>=|[.;,=<>!+\-*/|^?~&]`],
  ["other", String.raw`[\s\S]`],
];

const TOKEN = new RegExp(PATTERNS.map(([, source]) => `(${source})`).join("|"), "yu");

/** The tokens of `text`, white space and comments included: joined, they are `text`. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const token = readToken(text, at);
    tokens.push(token);
    at = token.to;
  }
  return tokens;
}

/** The token of `text` that begins at `from`. */
export function readToken(text: string, from: number): Token {
  TOKEN.lastIndex = from;
  const found = TOKEN.exec(text);
  if (!found) return { kind: "other", text: text.charAt(from), from, to: from + 1 };
  const which = found.findIndex((part, place) => place > 0 && part !== undefined) - 1;
  const kind = PATTERNS[which]?.[0] ?? "other";
  return { kind, text: found[0], from, to: from + found[0].length };
}

/** Whether a token counts: neither white space nor a comment. */
export function isSolid(token: Token): boolean {
  return token.kind !== "space" && token.kind !== "comment";
}

/** Whether a token is one of the words, in any case. */
export function isWordOf(token: Token, ...words: readonly string[]): boolean {
  return token.kind === "word" && words.includes(token.text.toUpperCase());
}
