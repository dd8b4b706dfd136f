/* Queries that were run in this browser. They are kept here alone; the server is not told. */

const KEY = "onrecord-queries";
const MOST = 50;
const LONGEST = 20_000;

export interface Past {
  readonly text: string;
  /** ISO 8601. */
  readonly when: string;
  readonly rows: number;
}

export function readHistory(): Past[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]") as unknown;
    return Array.isArray(kept) ? kept.filter((past): past is Past => typeof past?.text === "string") : [];
  } catch {
    return [];
  }
}

/** Note that `text` was run; the same text moves to the top. */
export function remember(text: string, rows: number): void {
  if (text.length > LONGEST) return;
  const others = readHistory().filter((past) => past.text !== text);
  write([{ text, when: new Date().toISOString(), rows }, ...others].slice(0, MOST));
}

export function forgetHistory(): void {
  write([]);
}

function write(history: readonly Past[]): void {
  try {
    if (history.length) localStorage.setItem(KEY, JSON.stringify(history));
    else localStorage.removeItem(KEY);
  } catch {
    // A browser that keeps nothing runs queries all the same.
  }
}
