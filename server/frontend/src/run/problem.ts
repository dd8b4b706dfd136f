/* Why there is no answer, as the server's problem document (RFC 9457) tells it. */

export class Problem extends Error {
  readonly title: string;
  readonly code: string;
  /** Line and column of a mistake in the text, from 1, in code points. */
  readonly position: { readonly line: number; readonly column: number } | null;

  constructor(title: string, detail: string, code = "", position: Problem["position"] = null) {
    super(detail);
    this.title = title;
    this.code = code;
    this.position = position;
  }
}

export async function readProblem(response: Response): Promise<Problem> {
  const document = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const text = (key: string, other: string) => (typeof document[key] === "string" ? (document[key] as string) : other);
  const { line, column } = document;
  return new Problem(
    text("title", "There is no answer"),
    text("detail", `The server answered ${response.status} ${response.statusText}.`),
    text("code", ""),
    typeof line === "number" && typeof column === "number" ? { line, column } : null,
  );
}
