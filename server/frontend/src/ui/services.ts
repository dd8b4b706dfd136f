/* What other endpoints gave to an answer, from the server's report. */

import { make } from "./elements.ts";

interface Exchange {
  readonly endpoint: string;
  readonly status: string;
  readonly cacheHits: number;
  readonly rows: number;
  readonly requests: number;
  readonly asked: string;
  readonly note: string;
}

interface Report {
  readonly complete: boolean;
  readonly services: ReadonlyArray<{
    readonly line: number;
    readonly endpoint: string;
    readonly complete: boolean;
    readonly exchanges: readonly Exchange[];
  }>;
}

function count(number: number, thing: string): string {
  return `${number.toLocaleString()} ${thing}${number === 1 ? "" : "s"}`;
}

/** A list of the endpoints with their state; null where the report is gone. */
export async function showServices(address: string, signal: AbortSignal): Promise<HTMLElement | null> {
  const response = await fetch(new URL(address, location.href).pathname, { signal }).catch(() => null);
  if (!response?.ok) return null;
  const report = (await response.json()) as Report;
  const lines = report.services.map((service) => {
    const sum = (key: "rows" | "requests" | "cacheHits") => service.exchanges.reduce((total, each) => total + each[key], 0);
    const failures = [...new Set(service.exchanges.map((each) => each.status).filter((status) => status !== "ok"))];
    const state = service.complete ? "answered" : `did not answer${failures.length ? ` (${failures.join(", ")})` : ""}`;
    const counts = [count(sum("rows"), "row"), count(sum("requests"), "request"), `${sum("cacheHits")} from what was kept`].join(", ");
    const notes = [...new Set(service.exchanges.map((each) => each.note).filter(Boolean))].join("; ");
    return make(
      "li",
      { class: service.complete ? "" : "is-missing" },
      `Line ${service.line}: `,
      make("code", { textContent: service.endpoint }),
      ` ${state}: ${counts}${notes ? `; ${notes}` : ""}.`,
    );
  });
  return make(
    "details",
    { class: "services", open: !report.complete },
    make("summary", { textContent: report.complete ? "Other endpoints had a part in this answer" : "Not every other endpoint answered: this answer is not complete" }),
    make("ul", {}, ...lines),
  );
}
