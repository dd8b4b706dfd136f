/* Declarations of prefixes that add themselves when a known one is written or pasted. */

import { EditorView } from "@codemirror/view";
import { missingDeclarations, prologueEnd } from "../sparql/prefixes.ts";

const LONGEST = 100_000;

/** Watches what is written; deleting a declaration does not bring it back until something is written. */
export function declarePrefixes(known: Readonly<Record<string, string>>) {
  return EditorView.updateListener.of((update) => {
    const isWritten = update.transactions.some((change) => change.isUserEvent("input.paste") || change.isUserEvent("input.type"));
    if (!update.docChanged || !isWritten || update.state.doc.length > LONGEST) return;
    const text = update.state.doc.toString();
    const head = update.state.selection.main.head;
    // The word under the cursor may still become another one.
    const begun = /[\p{L}\p{N}_-]*:$/u.exec(text.slice(0, head));
    const whole = begun ? text.slice(0, begun.index) + text.slice(head) : text;
    const declarations = missingDeclarations(whole, known);
    if (!declarations) return;
    // A listener may not dispatch while it is called.
    queueMicrotask(() => {
      const now = update.view.state.doc.toString();
      const missing = missingDeclarations(whole === text ? now : whole, known);
      if (now === text && missing) update.view.dispatch({ changes: { from: Math.min(prologueEnd(now), head), insert: missing } });
    });
  });
}
