/* A problem as the page tells it, with the way to its place in the text. */

import { Problem } from "../run/problem.ts";
import { button, make } from "./elements.ts";

export function showProblem(error: unknown, goTo: (line: number, column: number) => void): HTMLElement {
  const problem = error instanceof Problem ? error : new Problem("Something went wrong on this page", String(error));
  const { position } = problem;
  return make(
    "section",
    { class: "problem", role: "alert" },
    make("h2", { textContent: problem.title }),
    make("p", { textContent: problem.message }),
    position && button(`Go to line ${position.line}, column ${position.column}`, () => goTo(position.line, position.column)),
  );
}
