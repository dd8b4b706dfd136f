/* A result as nodes and lines. A line says only that two things stand in one row, or in one triple. Pure. */

import type { Result, Row, Term } from "../run/result.ts";
import { GRAPH_VARIABLES } from "../run/result.ts";
import { heading } from "./cells.ts";

export interface Node {
  readonly id: string;
  readonly term: Term;
  /** The rows in which it stands. */
  readonly rows: Row[];
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** The IRI of a property, or the words of a column. */
  readonly property: string;
  readonly words: string;
  readonly row: Row;
}

export interface Network {
  readonly nodes: Map<string, Node>;
  readonly edges: Map<string, Edge>;
  /** Rows left out, since there were too many nodes. */
  readonly leftOut: number;
}

/** Nodes that one drawing holds and people can still read. */
export const MOST_NODES = 400;

export function hasNetwork(result: Result): boolean {
  if (result.kind === "graph") return result.rows.length > 0;
  return result.rows.some((row) => Object.values(row).filter((term) => isThing(term)).length > 1);
}

export function isThing(term: Term | undefined): boolean {
  return term?.kind === "iri" || term?.kind === "blank";
}

export function idOf(term: Term): string {
  return term.kind === "blank" ? `_:${term.value}` : term.value;
}

/**
 * The network of `result`: of triples their ends; of solutions one thing of a row with each other one. That is the
 * claim or statement in it, which `isRecord` tells, so that no line joins a speaker to what is only said; else the first.
 */
export function drawNetwork(
  result: Result,
  isRecord: (iri: string) => boolean = () => false,
  into: Network = { nodes: new Map(), edges: new Map(), leftOut: 0 },
): Network {
  let leftOut = 0;
  for (const row of result.rows) {
    const lines = result.kind === "graph" ? tripleLines(row) : rowLines(result, row, isRecord);
    const fresh = new Set(lines.flatMap(({ from, to }) => [idOf(from), idOf(to)]).filter((id) => !into.nodes.has(id)));
    if (into.nodes.size + fresh.size > MOST_NODES) {
      leftOut += 1;
      continue;
    }
    for (const { from, to, property, words } of lines) {
      for (const term of [from, to]) {
        const node = into.nodes.get(idOf(term)) ?? { id: idOf(term), term, rows: [] };
        if (!node.rows.includes(row)) node.rows.push(row);
        into.nodes.set(node.id, node);
      }
      const key = JSON.stringify([idOf(from), property || words, idOf(to)]);
      if (!into.edges.has(key)) into.edges.set(key, { from: idOf(from), to: idOf(to), property, words, row });
    }
  }
  return { ...into, leftOut: into.leftOut + leftOut };
}

interface Line {
  readonly from: Term;
  readonly to: Term;
  readonly property: string;
  readonly words: string;
}

function tripleLines(row: Row): Line[] {
  const [from, property, to] = GRAPH_VARIABLES.map((name) => row[name]);
  if (!from || !to || !isThing(from) || !isThing(to)) return [];
  return [{ from, to, property: property?.value ?? "", words: "" }];
}

function rowLines(result: Result, row: Row, isRecord: (iri: string) => boolean): Line[] {
  const things = result.variables.filter((name) => isThing(row[name]));
  const hub = things.find((name) => isRecord(row[name]?.value ?? "")) ?? things[0];
  const from = hub ? row[hub] : undefined;
  if (!from) return [];
  return things.flatMap((name) => {
    const to = row[name];
    return name !== hub && to && idOf(to) !== idOf(from) ? [{ from, to, property: "", words: heading(name) }] : [];
  });
}
