/* A link to the query: short, for ever, with the view that is shown. */

import type { PageFacts } from "../page.ts";
import { readProblem } from "../run/problem.ts";
import { copyText } from "./copy.ts";
import { button, make, openDialog } from "./elements.ts";
import { showProblem } from "./problem.ts";

/** Open a dialog with the link to `text`; `hash` is the state of its view. */
export async function share(page: PageFacts, text: string, hash: string): Promise<void> {
  const told = make("p", { class: "facts", role: "status" });
  const field = make("input", { readOnly: true, dir: "ltr", "aria-label": "Link to this query" });
  const copy = button("Copy", async () => {
    told.textContent = (await copyText(field.value)) ? "Copied." : "Copy it by hand: the browser did not let us.";
  });
  const frame = make("textarea", { readOnly: true, rows: 3, dir: "ltr", "aria-label": "To embed it in another page" });
  const dialog = openDialog(
    "Link to this query",
    make("div", { class: "inline" }, field, copy),
    make("p", { class: "hint", textContent: "The address holds this very text for ever, and the view that is shown." }),
    make("p", { class: "hint", textContent: "To embed the view in another page:" }),
    frame,
    told,
  );
  const form = new URLSearchParams([["query", text]]);
  for (const [name, value] of page.dataset) form.append(name, value);
  const response = await fetch(page.addresses.permalinks, {
    method: "POST",
    body: form,
    headers: { Accept: "application/json", ...(page.formToken ? { "X-CSRF-Token": page.formToken } : {}) },
  }).catch(() => null);
  if (!response?.ok) {
    dialog.append(showProblem(response ? await readProblem(response) : "The server is not reached.", () => dialog.close()));
    return;
  }
  const { address } = (await response.json()) as { address: string };
  field.value = `${new URL(address, location.href).href}${hash ? `?view=1${hash}` : ""}`;
  const framed = `${new URL(address, location.href).href}?view=embed${hash}`;
  frame.value = `<iframe src="${framed.replaceAll("&", "&amp;")}" width="640" height="480" loading="lazy"></iframe>`;
  field.select();
}
