/* The editor of /sparql. Without this script the form there is whole. */

import { openEditor } from "./codemirror/setup.ts";

const form = document.querySelector<HTMLFormElement>("form.query");
const area = form?.querySelector<HTMLTextAreaElement>("textarea[name=query]");
if (form && area) replace(form, area);

function replace(form: HTMLFormElement, area: HTMLTextAreaElement): void {
  const host = document.createElement("div");
  host.className = "editor";
  area.before(host);
  area.hidden = true;
  const view = openEditor(host, area.value, "Query", []);
  form.addEventListener("submit", () => {
    area.value = view.state.doc.toString();
  });
  form.querySelector("label[for=query]")?.addEventListener("click", (event) => {
    event.preventDefault();
    view.focus();
  });
}
