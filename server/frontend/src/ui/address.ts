/* The state of the page in its address: the query and the dataset as parameters, the view and its state behind #. */

import type { ViewState } from "../views/view.ts";

/** The part of the address behind `#`: `view=table&sort=-when`. */
export class AddressState {
  readonly #values = new URLSearchParams(location.hash.slice(1));

  get view(): string {
    return this.#values.get("view") ?? "";
  }

  /** The state that belongs to one view; another view's is dropped when `view` is set. */
  of(view: string): ViewState {
    return {
      get: (name) => (this.view === view ? (this.#values.get(name) ?? "") : ""),
      set: (name, value) => {
        this.choose(view);
        if (value) this.#values.set(name, value);
        else this.#values.delete(name);
        this.#write();
      },
    };
  }

  /** Note that `view` is shown. */
  choose(view: string): void {
    if (this.view === view) return;
    for (const name of [...this.#values.keys()]) this.#values.delete(name);
    this.#values.set("view", view);
    this.#write();
  }

  get hash(): string {
    return this.#values.size ? `#${this.#values}` : "";
  }

  #write(): void {
    history.replaceState(history.state, "", `${location.pathname}${location.search}${this.hash}`);
  }
}

/** Write the query into the address, so that it can be reloaded and kept; a long one is left out. */
export function writeQuery(sparql: string, text: string, dataset: ReadonlyArray<readonly [string, string]>, hash: string): void {
  const search = new URLSearchParams([["query", text]]);
  for (const [name, value] of dataset) search.append(name, value);
  // The server shows the editor without running the query: this page runs it.
  search.append("view", "1");
  const address = `${sparql}?${search}`;
  if (address.length > 8000) return;
  if (`${location.pathname}${location.search}` === address) history.replaceState(null, "", `${address}${hash}`);
  else history.pushState(null, "", `${address}${hash}`);
}
