/* Saving under a name, and as a new version of what has that name, by the API that programs use. */

import type { PageFacts } from "../page.ts";
import { Problem, readProblem } from "../run/problem.ts";
import { button, make, openDialog } from "./elements.ts";
import { showProblem } from "./problem.ts";

/** Open the dialog that saves `text`. */
export function save(page: PageFacts, text: string): void {
  const field = (name: string, label: string, hint: string, more: object = {}) => {
    const input = make("input", { name, autocomplete: "off", ...more });
    return { input, element: make("label", {}, label, input, make("span", { class: "hint", textContent: hint })) };
  };
  const name = field("name", "Name", "Small letters, digits and hyphens: its address.", { required: true, pattern: "[a-z0-9\\-]+", maxLength: 100, dir: "ltr" });
  const title = field("title", "Title", "One sentence; empty keeps what the text's header says.", { dir: "auto" });
  const message = field("message", "What you changed", "For the history.", { maxLength: 500, dir: "auto" });
  const told = make("div", { role: "status" });
  const form = make("form", { class: "edit" }, name.element, title.element, message.element, make("div", { class: "actions" }, make("button", { type: "submit", textContent: "Save" })), told);
  const dialog = openDialog("Save under a name", form);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(false);
  });

  async function send(asVersion: boolean): Promise<void> {
    const values = { title: title.input.value.trim(), message: message.input.value.trim(), text };
    try {
      const kept = await keep(page, name.input.value.trim(), Object.fromEntries(Object.entries(values).filter(([, value]) => value)), asVersion);
      told.replaceChildren(
        make("p", {}, `Saved as version ${kept.version} of `, make("a", { href: new URL(kept.address, location.href).pathname, textContent: kept.name }), "."),
      );
    } catch (error) {
      const isTaken = error instanceof Problem && error.code === "conflict" && !asVersion;
      told.replaceChildren(showProblem(error, () => dialog.close()));
      if (isTaken) told.append(button(`Save as a new version of ${name.input.value.trim()}`, () => void send(true)));
    }
  }
}

interface Kept {
  readonly name: string;
  readonly version: number;
  readonly address: string;
}

async function keep(page: PageFacts, name: string, values: Readonly<Record<string, string>>, asVersion: boolean): Promise<Kept> {
  const headers: Record<string, string> = { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": page.formToken };
  let address = page.addresses.queries;
  if (asVersion) {
    address = `${address}/${encodeURIComponent(name)}`;
    const present = await fetch(`${address}.rq`, { method: "HEAD" });
    // A content coding marks the tag; the one of the text itself is what is compared.
    headers["If-Match"] = (present.headers.get("ETag") ?? "").replace(/-(?:gzip|zstd)"$/, '"');
  }
  const response = await fetch(address, {
    method: asVersion ? "PUT" : "POST",
    headers,
    body: JSON.stringify(asVersion ? values : { name, ...values }),
  });
  if (!response.ok) throw await readProblem(response);
  return (await response.json()) as Kept;
}
