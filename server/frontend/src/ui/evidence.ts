/* The page of a claim beside the result: its chain of speakers and the words it rests on, as the server tells them. */

import type { Names } from "../knowledge/names.ts";

/** A panel at the side; one for the page. */
export class EvidencePanel {
  readonly #names: Names;
  readonly #dialog = document.createElement("dialog");
  readonly #title = document.createElement("h2");
  readonly #whole = document.createElement("a");
  readonly #content = document.createElement("div");
  #leaving = new AbortController();

  constructor(names: Names) {
    this.#names = names;
    this.#dialog.className = "evidence-panel";
    this.#title.id = "evidence-panel-title";
    this.#dialog.setAttribute("aria-labelledby", this.#title.id);
    const close = document.createElement("button");
    Object.assign(close, { type: "button", className: "second small", textContent: "Close" });
    close.addEventListener("click", () => this.#dialog.close());
    const head = document.createElement("header");
    this.#title.textContent = "Evidence";
    this.#whole.textContent = "Open its page";
    head.append(this.#title, this.#whole, close);
    this.#content.className = "evidence-content";
    this.#content.tabIndex = 0;
    this.#content.setAttribute("role", "group");
    this.#content.setAttribute("aria-labelledby", this.#title.id);
    this.#dialog.append(head, this.#content);
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener("close", () => this.#leaving.abort());
    document.body.append(this.#dialog);
  }

  /** Show what is recorded about the claim, statement or link `iri`; closing returns the focus to `opener`. */
  async open(iri: string, opener: HTMLElement): Promise<void> {
    this.#leaving.abort();
    this.#leaving = new AbortController();
    const { signal } = this.#leaving;
    const address = this.#names.href(iri);
    this.#whole.href = address;
    this.#content.replaceChildren(told("Looking it up …"));
    if (!this.#dialog.open) {
      // The table may have been drawn anew meanwhile.
      const again = () => document.querySelector<HTMLElement>(`[data-evidence="${CSS.escape(iri)}"]`);
      this.#dialog.addEventListener("close", () => (opener.isConnected ? opener : again())?.focus(), { once: true });
      this.#dialog.showModal();
    }
    try {
      const response = await fetch(address, { headers: { Accept: "text/html" }, signal });
      if (!response.ok) throw new Error(`Its page answered ${response.status}.`);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (!signal.aborted) this.#content.replaceChildren(...takeContent(page, new URL(response.url)));
      this.#content.scrollTop = 0;
    } catch (error) {
      if (!signal.aborted) this.#content.replaceChildren(told(error instanceof Error ? error.message : String(error)));
    }
  }
}

/** What stands in the main part of `page`, with identifiers of its own and without scripts. */
function takeContent(page: Document, base: URL): Node[] {
  const main = page.querySelector("main");
  if (!main) return [told("Its page is empty.")];
  for (const script of main.querySelectorAll("script, style, link")) script.remove();
  for (const part of main.querySelectorAll("[id]")) part.id = `evidence-${part.id}`;
  for (const name of ["aria-labelledby", "aria-describedby", "for"]) {
    for (const part of main.querySelectorAll(`[${name}]`)) {
      const ids = part.getAttribute(name)?.split(/\s+/).map((id) => `evidence-${id}`);
      part.setAttribute(name, ids?.join(" ") ?? "");
    }
  }
  for (const link of main.querySelectorAll("a[href]")) {
    link.setAttribute("href", new URL(link.getAttribute("href") ?? "", base).href);
  }
  // The panel has a heading of the second rank; the page's own stands one below it.
  for (const heading of main.querySelectorAll("h1, h2, h3, h4")) {
    const lower = document.createElement(`h${Math.min(6, Number(heading.tagName.charAt(1)) + 2)}`);
    for (const { name, value } of heading.attributes) lower.setAttribute(name, value);
    lower.classList.add(`was-${heading.tagName.toLowerCase()}`);
    lower.append(...heading.childNodes);
    heading.replaceWith(lower);
  }
  return [...main.childNodes].map((node) => document.importNode(node, true));
}

function told(text: string): HTMLElement {
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  return paragraph;
}
