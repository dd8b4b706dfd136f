/* What a query says of itself in comments, as on Wikidata: `#defaultView:Map`, and options as JSON. */

export interface Hints {
  /** The view that the author meant, in small letters; empty without a hint. */
  readonly view: string;
  /** `{"hide": ["?x"], ...}` behind the name of the view. */
  readonly options: Readonly<Record<string, unknown>>;
}

export function readHints(text: string): Hints {
  const found = /^[ \t]*#[ \t]*defaultView:[ \t]*([A-Za-z]+)[ \t]*(\{.*\})?/im.exec(text);
  let options: Record<string, unknown> = {};
  try {
    options = found?.[2] ? (JSON.parse(found[2]) as Record<string, unknown>) : {};
  } catch {
    // A hint is no part of the query: what cannot be read is left alone.
  }
  return { view: (found?.[1] ?? "").toLowerCase(), options };
}
