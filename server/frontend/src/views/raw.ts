/* The answer as the server sends it, in a format of choice. */

import type { View } from "./view.ts";

const FORMATS = {
  solutions: { JSON: "application/sparql-results+json", XML: "application/sparql-results+xml", CSV: "text/csv", TSV: "text/tab-separated-values" },
  boolean: { JSON: "application/sparql-results+json", XML: "application/sparql-results+xml" },
  graph: { Turtle: "text/turtle", "N-Triples": "application/n-triples", "JSON-LD": "application/ld+json", "RDF/XML": "application/rdf+xml" },
} as const;
/** Characters that are shown; what is longer belongs into a file. */
const MOST_SHOWN = 200_000;

export const view: View = {
  show(result, element, options) {
    const formats: Readonly<Record<string, string>> = FORMATS[result.kind];
    let leaving = new AbortController();
    const label = document.createElement("label");
    label.className = "inline-field";
    label.append("Format ");
    const choice = document.createElement("select");
    for (const name of Object.keys(formats)) choice.append(new Option(name));
    const kept = options.state.get("format");
    if (kept in formats) choice.value = kept;
    label.append(choice);
    const text = document.createElement("pre");
    Object.assign(text, { className: "raw", dir: "ltr", tabIndex: 0 });
    text.setAttribute("aria-label", "The answer as it was sent");
    element.append(label, text);

    const load = async () => {
      leaving.abort();
      leaving = new AbortController();
      const { signal } = leaving;
      try {
        const response = await options.request(formats[choice.value] ?? "", signal);
        const start = await readStart(response, MOST_SHOWN);
        text.textContent = start.text;
        options.say(start.isCut ? `The first ${MOST_SHOWN.toLocaleString()} characters of ${choice.value}.` : `All of it as ${choice.value}.`);
      } catch (error) {
        if (!signal.aborted) text.textContent = error instanceof Error ? error.message : String(error);
      }
    };
    choice.addEventListener("change", () => {
      options.state.set("format", choice.value);
      void load();
    });
    void load();
    return { close: () => leaving.abort() };
  },
};

async function readStart(response: Response, most: number): Promise<{ text: string; isCut: boolean }> {
  const body = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (body && text.length <= most) {
    const { done, value } = await body.read();
    if (done) return { text: text + decoder.decode(), isCut: false };
    text += decoder.decode(value, { stream: true });
  }
  await body?.cancel();
  return { text: text.slice(0, most), isCut: true };
}
