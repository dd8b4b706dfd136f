/* The editor in the colours of the page: they are the custom properties of style.css, in either theme. */

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const chrome = EditorView.theme({
  "&": {
    color: "var(--ink)",
    backgroundColor: "var(--sheet)",
    border: "1px solid var(--soft)",
    borderRadius: "4px",
    fontSize: "0.875rem",
  },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", minHeight: "15rem", maxHeight: "60vh" },
  ".cm-content": { caretColor: "var(--ink)", paddingBlock: "0.6rem" },
  ".cm-cursor": { borderInlineStartColor: "var(--ink)" },
  ".cm-gutters": {
    backgroundColor: "var(--tint)",
    color: "var(--soft)",
    borderInlineEnd: "1px solid var(--line)",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--tint) 60%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--accent) 28%, transparent)",
  },
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: "transparent",
    outline: "1px solid var(--accent)",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--sheet)",
    color: "var(--ink)",
    border: "1px solid var(--rule)",
    borderRadius: "4px",
    fontFamily: "var(--sans)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "18rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.2rem 0.6rem", lineHeight: "1.4" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent)",
    color: "var(--accent-ink)",
  },
  ".cm-completionDetail": { fontFamily: "var(--sans)", fontStyle: "normal", marginInlineStart: "0.75rem" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-tooltip.cm-completionInfo": { padding: "0.6rem 0.8rem", maxWidth: "24rem", lineHeight: "1.45" },
  ".cm-diagnostic": { borderInlineStartWidth: "4px", padding: "0.4rem 0.7rem", fontFamily: "var(--sans)" },
  ".cm-diagnostic-error": { borderInlineStart: "4px solid var(--alert)" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--alert)",
    textDecorationSkipInk: "none",
    textUnderlineOffset: "0.2em",
  },
  ".cm-lintPoint-error:after": { borderBottomColor: "var(--alert)" },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--code-keyword)", fontWeight: "600" },
  { tag: tags.variableName, color: "var(--code-variable)" },
  { tag: tags.propertyName, color: "var(--code-name)" },
  { tag: tags.className, color: "var(--code-keyword)" },
  { tag: [tags.url, tags.labelName], color: "var(--code-name)" },
  { tag: [tags.string, tags.annotation], color: "var(--code-string)" },
  { tag: [tags.number, tags.atom], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: tags.invalid, color: "var(--alert)" },
]);

export const theme: Extension = [chrome, syntaxHighlighting(colours)];
