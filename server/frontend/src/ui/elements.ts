/* Elements in one expression. */

type Content = Node | string | null | undefined | false;

/** An element with properties and content; `class` names its classes. Strings become text, never markup. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Readonly<Record<string, unknown>> = {},
  ...content: readonly Content[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") element.className = String(value);
    else if (key.includes("-") || key === "role") element.setAttribute(key, String(value));
    else (element as unknown as Record<string, unknown>)[key] = value;
  }
  for (const part of content) if (part) element.append(part);
  return element;
}

export function button(label: string, act: (event: MouseEvent) => void, className = "second small"): HTMLButtonElement {
  const made = make("button", { type: "button", class: className, textContent: label });
  made.addEventListener("click", act);
  return made;
}

/** A modal dialog with a title; it goes when it is closed, and the focus returns to where it was. */
export function openDialog(title: string, ...content: readonly Content[]): HTMLDialogElement {
  const before = document.activeElement;
  const id = "dialog-title";
  const dialog = make("dialog", { class: "small-dialog", "aria-labelledby": id });
  const close = button("Close", () => dialog.close());
  dialog.append(make("header", {}, make("h2", { id, textContent: title }), close));
  for (const part of content) if (part) dialog.append(part);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before instanceof HTMLElement) before.focus();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
