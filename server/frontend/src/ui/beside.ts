/* What stands beside the text: saved queries as examples, and what was run here before. */

import type { PageFacts } from "../page.ts";
import { foldText } from "../views/columns.ts";
import { button, make } from "./elements.ts";
import { forgetHistory, readHistory } from "./history.ts";

interface Listed {
  readonly name: string;
  readonly summary: string;
}

/** The column beside the editor; `put` takes a text into it. */
export class Beside {
  readonly element = make("aside", { class: "beside", "aria-label": "Examples and history" });
  readonly #page: PageFacts;
  readonly #put: (text: string) => void;
  readonly #examples = make("ul", { role: "list" });
  readonly #history = make("ul", { role: "list" });
  readonly #past = make("details", { class: "past" }, make("summary", { textContent: "Run before, in this browser" }));
  #listed: readonly Listed[] = [];

  constructor(page: PageFacts, put: (text: string) => void) {
    this.#page = page;
    this.#put = put;
    const field = make("input", { type: "search", dir: "auto", autocomplete: "off", placeholder: "Words", "aria-label": "Find an example" });
    field.addEventListener("input", () => this.#showExamples(field.value));
    const isWide = matchMedia("(min-width: 64rem)").matches;
    const examples = make("details", { open: isWide }, make("summary", { textContent: "Examples" }), field, this.#examples);
    const clear = button("Clear", () => {
      forgetHistory();
      this.showHistory();
    });
    this.#past.append(this.#history, clear);
    this.element.append(examples, this.#past);
    if (isWide) void this.#load();
    else examples.addEventListener("toggle", () => void this.#load(), { once: true });
    this.showHistory();
  }

  showHistory(): void {
    const history = readHistory();
    this.#past.hidden = history.length === 0;
    this.#history.replaceChildren(
      ...history.map((past) => {
        const line = past.text.split("\n").find((each) => !/^\s*(?:#|PREFIX\b|$)/i.test(each)) ?? past.text;
        const open = button(line.trim().slice(0, 80), () => this.#put(past.text), "plain-button code");
        const when = new Date(past.when).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" });
        return make("li", {}, open, make("span", { class: "facts", textContent: `${when}, ${past.rows.toLocaleString()} rows` }));
      }),
    );
  }

  async #load(): Promise<void> {
    const response = await fetch(`${this.#page.addresses.queries}.json`).catch(() => null);
    if (!response?.ok) return;
    this.#listed = ((await response.json()) as { queries: Listed[] }).queries;
    this.#showExamples("");
  }

  #showExamples(asked: string): void {
    const words = foldText(asked).split(/\s+/).filter(Boolean);
    const chosen = this.#listed.filter((one) => words.every((word) => foldText(`${one.summary} ${one.name}`).includes(word)));
    this.#examples.replaceChildren(
      ...chosen.map((one) => make("li", {}, button(one.summary.replace(/\.$/, ""), () => void this.#open(one), "plain-button"))),
    );
  }

  async #open(one: Listed): Promise<void> {
    const response = await fetch(`${this.#page.addresses.queries}/${encodeURIComponent(one.name)}.rq`).catch(() => null);
    if (response?.ok) this.#put(await response.text());
  }
}
