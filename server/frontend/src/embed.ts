/* A result in a frame of another page: the views of /sparql without the editor. */

import { readPage } from "./page.ts";
import { ask } from "./run/request.ts";
import { readHints } from "./sparql/hints.ts";
import { AddressState } from "./ui/address.ts";
import { make } from "./ui/elements.ts";
import { ResultPanel } from "./ui/result-panel.ts";
import { showServices } from "./ui/services.ts";

async function show(main: HTMLElement): Promise<void> {
  const page = readPage(main);
  const text = main.dataset["query"] ?? "";
  const { signal } = new AbortController();
  const began = performance.now();
  const answer = await ask(page, text, signal);
  const services = answer.report ? await showServices(answer.report, signal) : null;
  // What the server wrote stays until there is something to show in its place, and for good when there is nothing.
  const anchor = make("div", {});
  main.querySelector("h1")?.after(anchor);
  const panel = new ResultPanel(page, new AddressState());
  panel.place(anchor);
  panel.clear();
  panel.show(answer, { text, hints: readHints(text), seconds: (performance.now() - began) / 1000, services });
}

const main = document.querySelector<HTMLElement>("main[data-page][data-query]");
if (main) void show(main).catch(() => undefined);
