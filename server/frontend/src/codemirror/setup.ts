/* CodeMirror as this page uses it. It lives in a shadow root: there its style sheets are constructed, not
 * inserted as elements, which our content security policy would refuse. */

import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { EditorState, type Extension } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { sparql } from "./language.ts";
import { theme } from "./theme.ts";

/** What the keys of the editor do beyond writing. */
export interface Acts {
  run(): void;
  stop(): boolean;
  layOut(): void;
  showKeys(): void;
}

/** An editor of `text` inside `host`, named `label` to those who do not see it. */
export function openEditor(host: HTMLElement, text: string, label: string, acts: Acts, more: Extension): EditorView {
  const root = host.attachShadow({ mode: "open" });
  return new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        keymap.of([
          { key: "Mod-Enter", run: () => (acts.run(), true) },
          { key: "Escape", run: () => acts.stop() },
          { key: "Alt-Shift-f", run: () => (acts.layOut(), true) },
          { key: "F1", run: () => (acts.showKeys(), true) },
        ]),
        more,
        lineNumbers(),
        highlightActiveLineGutter(),
        highlightActiveLine(),
        history(),
        drawSelection(),
        indentOnInput(),
        indentUnit.of("  "),
        bracketMatching(),
        closeBrackets(),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({
          "aria-label": label,
          autocapitalize: "off",
          autocorrect: "off",
          spellcheck: "false",
          dir: "ltr",
        }),
        // Escape, then Tab, leaves the editor: CodeMirror's own answer to the trap (WCAG 2.1.2).
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
        sparql(),
        theme,
      ],
    }),
  });
}
