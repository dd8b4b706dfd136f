/* The table: names in place of IRIs, sorted and filtered here, thousands of rows drawn as they are scrolled to. */

import type { Names } from "../knowledge/names.ts";
import type { Result, Row, Term } from "../run/result.ts";
import { copyText } from "../ui/copy.ts";
import { cellOf, linkOf, textOf } from "./cells.ts";
import { type Column, arrangeColumns, compareTerms, foldText, voiceOf } from "./columns.ts";
import { drawRows } from "./rows.ts";
import type { View, ViewOptions } from "./view.ts";

export const view: View = {
  show(result, element, options) {
    const table = new Table(result, element, options);
    return { close: () => table.close() };
  },
};

class Table {
  readonly #result: Result;
  readonly #options: ViewOptions;
  readonly #columns: readonly Column[];
  readonly #frame = document.createElement("div");
  readonly #head = document.createElement("tr");
  readonly #told = document.createElement("span");
  readonly #order = document.createElement("select");
  readonly #stopListening: () => void;
  #rows: readonly Row[];
  #drawn: { close(): void; redraw(): void } | null = null;

  constructor(result: Result, element: HTMLElement, options: ViewOptions) {
    this.#result = result;
    this.#options = options;
    const { shown, empty } = arrangeColumns(result);
    const hidden = new Set(Array.isArray(options.hints["hide"]) ? options.hints["hide"].map((name) => String(name).replace(/^\?/, "")) : []);
    this.#columns = shown.filter((column) => !hidden.has(column.variable));
    this.#rows = result.rows;
    this.#frame.className = "table-frame";
    // Few columns may be wide, many share what there is.
    this.#frame.style.setProperty("--cell", `${Math.max(10, Math.min(26, 68 / this.#columns.length)).toFixed(1)}rem`);
    Object.assign(this.#frame, { tabIndex: 0 });
    this.#frame.setAttribute("role", "group");
    this.#frame.setAttribute("aria-label", "Rows of the result");
    element.append(this.#tools(), this.#frame);
    if (empty.length) element.append(hint(`Left out, since no row has a value there: ${empty.join(", ")}.`));
    this.#stopListening = options.names.onChange(() => this.#drawn?.redraw());
    this.#drawHead();
    this.#arrange();
  }

  close(): void {
    this.#stopListening();
    this.#drawn?.close();
  }

  #tools(): HTMLElement {
    const tools = document.createElement("div");
    tools.className = "view-tools";
    const label = document.createElement("label");
    label.className = "inline-field";
    label.append("Filter ");
    const field = document.createElement("input");
    Object.assign(field, { type: "search", value: this.#options.state.get("filter"), dir: "auto", autocomplete: "off" });
    label.append(field);
    let timer = 0;
    field.addEventListener("input", () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        this.#options.state.set("filter", field.value.trim());
        this.#arrange();
      }, 150);
    });
    const copy = document.createElement("button");
    Object.assign(copy, { type: "button", className: "second small", textContent: "Copy rows" });
    copy.title = "As text with tabs, to paste into a spreadsheet";
    copy.addEventListener("click", () => void this.#copy());
    this.#told.className = "facts";
    tools.append(label, this.#sortField(), copy, this.#told);
    return tools;
  }

  /** On a phone there is no head of the table to press. */
  #sortField(): HTMLElement {
    const label = document.createElement("label");
    label.className = "inline-field sort-field";
    label.append("Sort ", this.#order);
    this.#order.append(new Option("as the query has it", ""));
    for (const { heading, variable } of this.#columns) {
      this.#order.append(new Option(`${heading}, up`, variable), new Option(`${heading}, down`, `-${variable}`));
    }
    this.#order.addEventListener("change", () => this.#sortBy(this.#order.value));
    return label;
  }

  #drawHead(): void {
    this.#head.replaceChildren(
      ...this.#columns.map((column) => {
        const cell = document.createElement("th");
        cell.scope = "col";
        const button = document.createElement("button");
        Object.assign(button, { type: "button", className: "sort", textContent: column.heading });
        button.addEventListener("click", () => this.#turn(column));
        cell.append(button);
        return cell;
      }),
    );
    this.#markSort();
  }

  #sort(): { name: string; direction: 1 | -1 } {
    const kept = this.#options.state.get("sort");
    return kept.startsWith("-") ? { name: kept.slice(1), direction: -1 } : { name: kept, direction: 1 };
  }

  /** Ascending, then descending, then as the query has it. */
  #turn(column: Column): void {
    const { name, direction } = this.#sort();
    const next = name !== column.variable ? column.variable : direction === 1 ? `-${name}` : "";
    this.#sortBy(next);
  }

  #sortBy(order: string): void {
    this.#options.state.set("sort", order);
    this.#markSort();
    this.#arrange();
  }

  #markSort(): void {
    const { name, direction } = this.#sort();
    this.#order.value = this.#options.state.get("sort");
    this.#columns.forEach((column, at) => {
      const cell = this.#head.children[at];
      if (column.variable !== name) cell?.removeAttribute("aria-sort");
      else cell?.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
    });
  }

  #arrange(): void {
    const words = foldText(this.#options.state.get("filter")).split(/\s+/).filter(Boolean);
    let rows = this.#result.rows;
    if (words.length) {
      rows = rows.filter((row) => {
        const text = foldText(this.#columns.map((column) => this.#text(row, column)).join("\n"));
        return words.every((word) => text.includes(word));
      });
    }
    const { name, direction } = this.#sort();
    const column = this.#columns.find((other) => other.variable === name);
    if (column) {
      const texts = new Map(rows.map((row) => [row, this.#text(row, column)]));
      rows = rows.toSorted((a, b) => {
        const shown = (term: Term) => (term === a[name] ? (texts.get(a) ?? "") : (texts.get(b) ?? ""));
        return compareTerms(a[name], b[name], column.type, shown, direction);
      });
    }
    this.#rows = rows;
    this.#told.textContent = words.length ? `${rows.length.toLocaleString()} of ${this.#result.rows.length.toLocaleString()} rows` : "";
    this.#drawn?.close();
    this.#drawn = drawRows(this.#frame, this.#head, rows.length, this.#widths(), (at) => this.#drawRow(rows[at] ?? {}));
  }

  #text(row: Row, column: Column): string {
    return textOf((column.label ? row[column.label] : undefined) ?? row[column.variable], this.#options.names);
  }

  /** Widths in characters, by the longest of some texts. */
  #widths(): number[] {
    const sample = this.#result.rows.slice(0, 60);
    return this.#columns.map((column) => {
      const longest = Math.max(column.heading.length + 2, ...sample.map((row) => this.#text(row, column).length));
      return Math.min(34, Math.max(7, longest));
    });
  }

  #drawRow(row: Row): HTMLTableRowElement {
    const { names } = this.#options;
    const line = document.createElement("tr");
    const voice = voiceOf(row);
    if (voice) line.className = `voice-${voice}`;
    for (const column of this.#columns) {
      const term = row[column.variable];
      const cell = document.createElement("td");
      cell.className = `is-${term ? column.type : "unbound"}`;
      cell.dataset["heading"] = column.heading;
      const content = document.createElement("div");
      content.append(this.#shown(row, column, names));
      if (term?.kind === "iri" && names.of(term.value).hasEvidence) content.append(" ", this.#evidenceButton(term.value));
      cell.append(content);
      line.append(cell);
    }
    return line;
  }

  #shown(row: Row, column: Column, names: Names): HTMLElement {
    const [term, label] = [row[column.variable], column.label ? row[column.label] : undefined];
    if (term?.kind !== "iri" || label?.kind !== "literal") return cellOf(term ?? label, names);
    const link = linkOf(term.value, names);
    link.textContent = label.value;
    link.dir = "auto";
    if (label.language) link.lang = label.language;
    return link;
  }

  #evidenceButton(iri: string): HTMLElement {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "evidence-opener", textContent: "evidence" });
    button.dataset["evidence"] = iri;
    button.setAttribute("aria-label", `Evidence: ${this.#options.names.of(iri).text}`);
    button.addEventListener("click", () => this.#options.showEvidence(iri, button));
    return button;
  }

  async #copy(): Promise<void> {
    const clean = (text: string) => text.replace(/[\t\r\n]+/g, " ");
    const lines = [this.#columns.map((column) => column.heading)];
    for (const row of this.#rows) lines.push(this.#columns.map((column) => clean(this.#text(row, column))));
    const isCopied = await copyText(lines.map((line) => line.join("\t")).join("\n"));
    this.#options.say(isCopied ? `${this.#rows.length.toLocaleString()} rows copied.` : "The browser did not let the rows be copied.");
  }
}

function hint(text: string): HTMLElement {
  const told = document.createElement("p");
  told.className = "hint";
  told.textContent = text;
  return told;
}
