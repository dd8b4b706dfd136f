/* Queries sent to /sparql. Aborting the signal closes the connection, and the server ends what nobody waits for. */

import type { PageFacts } from "../page.ts";
import { Problem, readProblem } from "./problem.ts";
import { type AnswerReader, SolutionReader, TripleReader } from "./reading.ts";
import type { Result } from "./result.ts";

/** Rows that a page holds; all of them are in the downloads. */
export const MOST_ROWS = 100_000;
/** An address longer than this is refused by some proxies, so the text travels in a form. */
const LONGEST_ADDRESS = 6000;
const ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9, application/problem+json;q=0.5";

export type Pairs = ReadonlyArray<readonly [string, string]>;

export interface Answer {
  readonly result: Result;
  /** Where the report of what other endpoints gave lies; empty when none was asked. */
  readonly report: string;
  /** Whether all other endpoints answered. */
  readonly isComplete: boolean;
  readonly generation: string;
}

/** Ask `text`; `onRows` is told the rows so far. Throws Problem, and an AbortError when `signal` says so. */
export async function ask(
  page: PageFacts,
  text: string,
  signal: AbortSignal,
  onRows: (rows: number) => void = () => undefined,
  dataset: Pairs = page.dataset,
): Promise<Answer> {
  const response = await send(page, text, ACCEPT, signal, dataset);
  const reader: AnswerReader = (response.headers.get("Content-Type") ?? "").startsWith("application/n-triples")
    ? new TripleReader()
    : new SolutionReader();
  const isCut = await drain(response, reader, onRows);
  return {
    result: reader.finish(isCut),
    report: findReport(response.headers.get("Link") ?? ""),
    isComplete: response.headers.get("Onrecord-Federation") !== "incomplete",
    generation: response.headers.get("Onrecord-Generation") ?? "",
  };
}

/** The response to `text`, once its head is there. Throws as `ask` does. */
export async function send(
  page: PageFacts,
  text: string,
  accept: string,
  signal: AbortSignal,
  dataset: Pairs = page.dataset,
): Promise<Response> {
  const form = new URLSearchParams();
  form.append("query", text);
  for (const [name, value] of dataset) form.append(name, value);
  const address = `${page.addresses.sparql}?${form}`;
  const isShort = address.length <= LONGEST_ADDRESS;
  const headers: Record<string, string> = { Accept: accept };
  if (!isShort && page.formToken) headers["X-CSRF-Token"] = page.formToken;
  const response = await fetch(isShort ? address : page.addresses.sparql, {
    headers,
    signal,
    ...(isShort ? {} : { method: "POST", body: form }),
  }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    throw new Problem("The server is not reached", "The connection failed before there was an answer. Try again.");
  });
  if (!response.ok) throw await readProblem(response);
  return response;
}

async function drain(response: Response, reader: AnswerReader, onRows: (rows: number) => void): Promise<boolean> {
  const body = response.body?.getReader();
  const decoder = new TextDecoder();
  while (body) {
    const { done, value } = await body.read().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new Problem("The answer broke off", `It ended in the middle, after ${reader.count} rows. Nothing is shown.`);
    });
    if (done) break;
    reader.take(decoder.decode(value, { stream: true }));
    onRows(reader.count);
    if (reader.count >= MOST_ROWS) {
      await body.cancel();
      return true;
    }
  }
  reader.take(decoder.decode());
  return false;
}

function findReport(link: string): string {
  return /<([^>]*)>\s*;[^,]*has_provenance/.exec(link)?.[1] ?? "";
}
