/* Style sheets of packages, adopted by the document: the content security policy lets no style element in. */

const adopted = new Set<string>();

/** Adopt the style sheet `text`, once. */
export function adoptStyles(text: string): void {
  if (adopted.has(text)) return;
  adopted.add(text);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
