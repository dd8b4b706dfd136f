/* SPARQL for CodeMirror: colours and indentation, from the tokens that layout and completion also use. */

import { LanguageSupport, StreamLanguage, type StreamParser, type StringStream } from "@codemirror/language";
import { type Kind, readToken } from "../sparql/tokens.ts";
import { classify } from "../sparql/words.ts";

interface State {
  /** The quotation marks of a long string that goes on from the line before. */
  quotes: string;
  depth: number;
}

const STYLES: Readonly<Record<Kind, string | null>> = {
  space: null,
  comment: "comment",
  iri: "url",
  string: "string",
  variable: "variableName",
  blank: "labelName",
  language: "annotation",
  name: "propertyName",
  number: "number",
  word: null,
  open: "bracket",
  close: "bracket",
  operator: "operator",
  other: "invalid",
};
const WORDS = { keyword: "keyword", function: "className", boolean: "atom", a: "keyword", unknown: null };

const parser: StreamParser<State> = {
  name: "sparql",
  startState: () => ({ quotes: "", depth: 0 }),
  token(stream, state) {
    if (state.quotes) return continueString(stream, state);
    const token = readToken(stream.string, stream.pos);
    stream.pos = token.to;
    if (token.kind === "string") {
      const quotes = token.text.slice(0, 3);
      const isLong = quotes === '"""' || quotes === "'''";
      if (isLong && (token.text.length < 6 || !token.text.endsWith(quotes))) state.quotes = quotes;
    }
    if (token.kind === "open") state.depth += 1;
    if (token.kind === "close") state.depth = Math.max(0, state.depth - 1);
    return token.kind === "word" ? WORDS[classify(token.text)] : STYLES[token.kind];
  },
  indent(state, textAfter, context) {
    if (state.quotes) return null;
    const closes = /^\s*(?:\|\}|[)}\]])/.test(textAfter) ? 1 : 0;
    return Math.max(0, state.depth - closes) * context.unit;
  },
  languageData: {
    commentTokens: { line: "#" },
    closeBrackets: { brackets: ["(", "[", "{", '"', "'"] },
    indentOnInput: /^\s*[)}\]]$/,
  },
};

function continueString(stream: StringStream, state: State): string {
  while (!stream.eol()) {
    if (stream.match(state.quotes)) {
      state.quotes = "";
      break;
    }
    if (stream.next() === "\\") stream.next();
  }
  return "string";
}

export function sparql(): LanguageSupport {
  return new LanguageSupport(StreamLanguage.define(parser));
}
