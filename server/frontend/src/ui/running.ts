/* What is told while a query runs: the time, the rows so far, the limit before it strikes. */

import type { PageFacts } from "../page.ts";
import { isSolid, tokenize } from "../sparql/tokens.ts";
import { make } from "./elements.ts";

/** A line about a running query; drawn several times a second, read aloud at its beginning and near its limit. */
export class RunningLine {
  readonly element = make("p", { class: "running" });
  readonly #clock = make("span", { "aria-hidden": "true" });
  readonly #spoken = make("span", { class: "quiet", role: "status" });
  readonly #page: PageFacts;
  #timer = 0;
  #rows = 0;

  constructor(page: PageFacts) {
    this.#page = page;
    this.element.hidden = true;
    this.element.append(this.#clock, this.#spoken);
  }

  start(text: string): void {
    const began = performance.now();
    const services = servicesOf(text);
    const limit = this.#page.queryTimeout + (services.length ? this.#page.federationTimeout : 0);
    this.#rows = 0;
    this.element.hidden = false;
    this.#spoken.textContent = `The query runs. It may work for ${limit} seconds.`;
    let isNear = false;
    const draw = () => {
      const seconds = (performance.now() - began) / 1000;
      const rows = this.#rows ? `${this.#rows.toLocaleString()} rows so far` : "no row yet";
      const elsewhere = services.length ? `, asking ${services.join(", ")}` : "";
      const left = Math.ceil(limit - seconds);
      const ends = seconds < 2 ? "" : left > 0 ? `; the server ends it after ${limit} s of work` : "; its limit is reached";
      this.#clock.textContent = `${seconds.toFixed(1)} s, ${rows}${elsewhere}${ends}.`;
      this.element.classList.toggle("is-near", left < limit / 4);
      if (!isNear && left < limit / 4) {
        isNear = true;
        this.#spoken.textContent = `About ${Math.max(left, 0)} seconds are left before the server ends the query.`;
      }
    };
    draw();
    window.clearInterval(this.#timer);
    this.#timer = window.setInterval(draw, 200);
  }

  tell(rows: number): void {
    this.#rows = rows;
  }

  stop(): void {
    window.clearInterval(this.#timer);
    this.element.hidden = true;
    this.#spoken.textContent = "";
  }
}

/** The endpoints that a query names behind SERVICE. */
export function servicesOf(text: string): string[] {
  const solid = tokenize(text).filter(isSolid);
  const found = new Set<string>();
  solid.forEach((token, at) => {
    if (token.kind !== "word" || token.text.toUpperCase() !== "SERVICE") return;
    const next = solid[at + 1]?.text.toUpperCase() === "SILENT" ? solid[at + 2] : solid[at + 1];
    if (next) found.add(next.text.replace(/^<(?:https?:\/\/)?([^/>]*).*$/, "$1"));
  });
  return [...found];
}
