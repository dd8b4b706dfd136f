/*
 * What a view is. How to add one:
 *
 * 1. Write `src/views/NAME.ts` that exports `view: View` (see table.ts for a full one, raw.ts for a short one).
 * 2. Name it in `src/views/index.ts`: its button's label, the `#defaultView:` names that mean it, what results suit
 *    it, and the import. The bundler splits it off; it is loaded when somebody opens it, libraries included.
 * 3. Styles go into `server/onrecord/web/static/views.css`; those of a package are adopted by `styles.ts`. No style
 *    attributes in markup and no inserted style elements: the content security policy refuses both
 *    (`element.style.x = ...` in a script is fine). Anything with `innerHTML` takes no text of a result.
 * 4. Tests of pure parts in `tests/NAME.test.ts` (`npm test`), of the page in tests/browser.
 *
 * A view never says that something is so: where a row mentions a claim, `options.showEvidence(iri, opener)` opens
 * its chain and span beside the result, and `options.evidenceOf(row)` finds what to open. A label comes from
 * `options.names.of(iri)`; call again when `options.names.onChange` fires, since labels arrive later.
 */

import type { Names } from "../knowledge/names.ts";
import type { Result, Row } from "../run/result.ts";

export interface View {
  /** Show the result in an empty element; returns what undoes it (listeners, observers, canvases). */
  show(result: Result, element: HTMLElement, options: ViewOptions): Shown;
}

export interface Shown {
  /** Called before another view or result takes the element. */
  close(): void;
}

export interface ViewOptions {
  readonly names: Names;
  /** Options of the query's `#defaultView:Name{...}` hint. */
  readonly hints: Readonly<Record<string, unknown>>;
  /** The name in that hint, in small letters, when it means this view: one view may go by several names. */
  readonly hinted: string;
  /** What the address keeps for this view: sort, filter, zoom. Short texts. */
  readonly state: ViewState;
  /** The IRIs in a row whose evidence can be opened: claims, statements and links. Known once names have arrived. */
  evidenceOf(row: Row): readonly string[];
  /** Open chain and span of a claim beside the result; focus returns to `opener`. */
  showEvidence(iri: string, opener: HTMLElement): void;
  /** Tell people and screen readers something in a sentence. */
  say(sentence: string): void;
  /** The answer to the same query in another format, e.g. "text/csv"; the signal ends with the view. */
  request(mediaType: string, signal: AbortSignal): Promise<Response>;
  /** The result of another query over the same dataset; names for its IRIs are on their way then. */
  ask(text: string, signal: AbortSignal): Promise<Result>;
}

export interface ViewState {
  get(name: string): string;
  /** An empty value takes the name out of the address. */
  set(name: string, value: string): void;
}
