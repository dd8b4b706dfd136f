/* The network: what stands together in a row or a triple. More of the graph opens at a node. */

import type { Core, ElementDefinition, StylesheetJson } from "cytoscape";
import type { Result, Row } from "../run/result.ts";
import { linkOf, textOf } from "./cells.ts";
import { captionOf, evidenceButtons } from "./listing.ts";
import { drawNetwork, type Edge, hasNetwork, MOST_NODES, type Network, type Node } from "./network.ts";
import type { View, ViewOptions } from "./view.ts";

/** Triples that one expansion adds. */
const MOST_ADDED = 40;
const READABLE_ZOOM = 0.6;
const MOST_CAPTION = 32;
const MOST_ROWS_TOLD = 20;

export const view: View = {
  show(result, element, options) {
    const drawing = new Drawing(result, element, options);
    return { close: () => drawing.close() };
  },
};

class Drawing {
  readonly #result: Result;
  readonly #options: ViewOptions;
  readonly #frame = document.createElement("div");
  readonly #choice = document.createElement("select");
  readonly #panel = document.createElement("section");
  readonly #stopListening: () => void;
  readonly #leaving = new AbortController();
  #network: Network;
  #core: Core | null = null;
  #chosen = "";
  #hasGrown = false;

  constructor(result: Result, element: HTMLElement, options: ViewOptions) {
    this.#result = result;
    this.#options = options;
    this.#network = this.#draw();
    this.#frame.className = "network-frame";
    this.#frame.setAttribute("role", "img");
    this.#frame.setAttribute("aria-label", "Drawing of the network; choose a node in the list to read its lines");
    this.#panel.className = "network-panel";
    this.#panel.setAttribute("aria-live", "polite");
    const label = document.createElement("label");
    label.className = "inline-field";
    label.append("Node ", this.#choice);
    this.#choice.addEventListener("change", () => this.#choose(this.#choice.value));
    const tools = document.createElement("div");
    tools.className = "view-tools";
    const fit = document.createElement("button");
    Object.assign(fit, { type: "button", className: "second small", textContent: "Show all" });
    fit.addEventListener("click", () => this.#core?.fit(undefined, 24));
    tools.append(label, fit);
    const notice = document.createElement("p");
    notice.className = "hint";
    notice.textContent =
      result.kind === "graph"
        ? "A line is a triple of the answer. A claim is a node of its own: who made it stands at its lines."
        : "A line says that two things stand in one row of the answer, and nothing more. Dashed: claims and statements.";
    element.append(tools, notice, this.#frame, this.#panel);
    this.#stopListening = options.names.onChange(() => this.#rename());
    const theme = window.matchMedia("(prefers-color-scheme: dark)");
    theme.addEventListener("change", () => this.#core?.style(styleOf()), { signal: this.#leaving.signal });
    this.#list();
    this.#tell();
    void this.#start();
  }

  close(): void {
    this.#leaving.abort();
    this.#stopListening();
    this.#core?.destroy();
  }

  async #start(): Promise<void> {
    const [{ default: cytoscape }, { default: fcose }] = await Promise.all([import("cytoscape"), import("cytoscape-fcose")]);
    if (this.#leaving.signal.aborted) return;
    cytoscape.use(fcose);
    keepStylesOut();
    this.#core = cytoscape({ container: this.#frame, elements: this.#elements(), style: styleOf(), minZoom: 0.1, maxZoom: 4 });
    this.#core.on("tap", "node", (event) => this.#choose(String(event.target.id())));
    this.#arrange(true);
    const kept = this.#options.state.get("node");
    if (this.#network.nodes.has(kept)) this.#choose(kept);
  }

  #draw(): Network {
    return drawNetwork(this.#result, (iri) => this.#options.names.of(iri).hasEvidence);
  }

  #arrange(isNew: boolean): void {
    // `randomize: false` keeps what the reader has seen where it was.
    const layout = { name: "fcose", animate: false, randomize: isNew, nodeDimensionsIncludeLabels: true, idealEdgeLength: 110, padding: 24 };
    this.#core?.layout(layout as never).run();
    if (!this.#core || this.#core.zoom() >= READABLE_ZOOM) return;
    // Better a part that can be read than a whole that cannot: the reader moves it, or asks for all.
    const middle = this.#core.nodes().max((node) => node.degree(false)).ele;
    this.#core.zoom(READABLE_ZOOM);
    this.#core.center(middle);
  }

  #elements(): ElementDefinition[] {
    const { nodes, edges } = this.#network;
    return [
      ...[...nodes.values()].map((node) => ({ data: { id: node.id, caption: this.#caption(node), isEvident: this.#isEvident(node) ? 1 : 0 } })),
      ...[...edges].map(([key, edge]) => ({ data: { id: `line ${key}`, source: edge.from, target: edge.to, caption: this.#words(edge) } })),
    ];
  }

  #caption(node: Node): string {
    const text = textOf(node.term, this.#options.names);
    return text.length > MOST_CAPTION ? `${text.slice(0, MOST_CAPTION - 1)}…` : text;
  }

  #words(edge: Edge): string {
    return edge.property ? this.#options.names.of(edge.property).text : edge.words;
  }

  #isEvident(node: Node): boolean {
    return node.term.kind === "iri" && this.#options.names.of(node.term.value).hasEvidence;
  }

  #rename(): void {
    this.#redraw();
    for (const element of this.#elements()) this.#core?.getElementById(String(element.data.id)).data(element.data);
    this.#list();
    if (this.#chosen && !this.#panel.contains(document.activeElement)) this.#choose(this.#chosen);
  }

  /** Names tell which things are claims, and lines start from those. */
  #redraw(): void {
    if (this.#hasGrown) return;
    const drawn = this.#draw();
    if ([...drawn.edges.keys()].every((key) => this.#network.edges.has(key))) return;
    this.#network = drawn;
    this.#core?.elements().remove();
    this.#core?.add(this.#elements());
    this.#arrange(true);
  }

  #list(): void {
    const entries = [...this.#network.nodes.values()].map((node) => [node.id, textOf(node.term, this.#options.names)] as const);
    entries.sort((a, b) => a[1].localeCompare(b[1]));
    this.#choice.replaceChildren(new Option("choose one", ""), ...entries.map(([id, text]) => new Option(text, id)));
    this.#choice.value = this.#chosen;
  }

  #tell(): void {
    const { nodes, edges, leftOut } = this.#network;
    const rest = leftOut ? ` ${leftOut} rows are left out: a drawing of more than ${MOST_NODES} nodes cannot be read.` : "";
    this.#options.say(`${nodes.size} nodes, ${edges.size} lines.${rest}`);
  }

  #choose(id: string): void {
    const node = this.#network.nodes.get(id);
    this.#chosen = node ? id : "";
    this.#choice.value = this.#chosen;
    this.#options.state.set("node", this.#chosen);
    this.#core?.elements().removeClass("chosen");
    this.#core?.getElementById(id).addClass("chosen");
    this.#panel.replaceChildren();
    if (node) this.#describe(node);
  }

  #describe(node: Node): void {
    const title = document.createElement("h3");
    title.append(node.term.kind === "iri" ? linkOf(node.term.value, this.#options.names) : textOf(node.term, this.#options.names));
    const lines = document.createElement("ul");
    const touching = [...this.#network.edges.values()].filter(({ from, to }) => from === node.id || to === node.id);
    for (const edge of touching.slice(0, MOST_ROWS_TOLD)) lines.append(this.#line(edge));
    this.#panel.append(title, lines);
    if (touching.length > MOST_ROWS_TOLD) {
      const rest = document.createElement("p");
      rest.className = "hint";
      rest.textContent = `${touching.length - MOST_ROWS_TOLD} more lines are in the drawing.`;
      this.#panel.append(rest);
    }
    if (node.term.kind !== "iri") return;
    const own: Row = { node: node.term };
    const expand = document.createElement("button");
    Object.assign(expand, { type: "button", className: "second small", textContent: "Add what the graph holds around it" });
    expand.addEventListener("click", () => void this.#expand(node, expand));
    this.#panel.append(expand, ...evidenceButtons(own, this.#options));
  }

  #line(edge: Edge): HTMLElement {
    const item = document.createElement("li");
    if (this.#result.kind === "solutions" && !edge.property) {
      item.append(captionOf(edge.row, this.#result.variables, this.#options), ...evidenceButtons(edge.row, this.#options));
      return item;
    }
    const [from, to] = [this.#network.nodes.get(edge.from), this.#network.nodes.get(edge.to)];
    const words = (node: Node | undefined) => (node?.term.kind === "iri" ? linkOf(node.term.value, this.#options.names) : node ? textOf(node.term, this.#options.names) : "");
    const property = document.createElement("em");
    property.append(edge.property ? linkOf(edge.property, this.#options.names) : edge.words);
    item.append(words(from), " ", property, " ", words(to));
    return item;
  }

  async #expand(node: Node, button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    const before = this.#network.nodes.size;
    const iri = `<${node.id}>`;
    // Things alone: literals stand on the page of the node.
    const text =
      `CONSTRUCT { ${iri} ?p ?o . ?s ?q ${iri} } WHERE { ` +
      `{ SELECT ?p ?o { ${iri} ?p ?o FILTER(ISIRI(?o)) } LIMIT ${MOST_ADDED / 2} } UNION ` +
      `{ SELECT ?s ?q { ?s ?q ${iri} FILTER(ISIRI(?s)) } LIMIT ${MOST_ADDED / 2} } }`;
    try {
      const added = await this.#options.ask(text, this.#leaving.signal);
      if (!hasNetwork(added)) {
        this.#options.say("The graph holds nothing more around it.");
        return;
      }
      this.#hasGrown = true;
      this.#network = drawNetwork(added, undefined, this.#network);
      const known = new Set((this.#core?.elements() ?? []).map((element) => element.id()));
      this.#core?.add(this.#elements().filter((element) => !known.has(String(element.data.id))));
      this.#arrange(false);
      this.#list();
      this.#choose(node.id);
      this.#tell();
      if (this.#network.nodes.size === before) this.#options.say("No new node; lines may have been added.");
    } catch (error) {
      if (!this.#leaving.signal.aborted) this.#options.say(error instanceof Error ? error.message : String(error));
    } finally {
      button.disabled = false;
    }
  }
}

/**
 * The library puts a style element into the page unless one of its name is there, and the content security
 * policy refuses it with a complaint. What it says (`position: relative`) stands in views.css.
 */
function keepStylesOut(): void {
  const name = "__________cytoscape_stylesheet";
  if (document.getElementById(name)) return;
  const place = document.createElement("template");
  place.id = name;
  document.head.append(place);
}

function styleOf(): StylesheetJson {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  const [ink, line, paper, accent, sheet] = [read("--ink", "#222"), read("--rule", "#999"), read("--paper", "#fff"), read("--accent", "#075"), read("--sheet", "#fff")];
  const font = read("--sans", "sans-serif");
  return [
    {
      selector: "node",
      style: { label: "data(caption)", "background-color": sheet, "border-color": ink, "border-width": 1.5, color: ink, "font-size": 12, "font-family": font, width: 16, height: 16, "text-valign": "bottom", "text-margin-y": 4, "text-background-color": paper, "text-background-opacity": 0.85, "min-zoomed-font-size": 6 },
    },
    // What has a page of evidence differs by its shape and broken edge.
    { selector: "node[isEvident = 1]", style: { shape: "round-rectangle", "border-style": "dashed" } },
    { selector: "node.chosen", style: { "border-color": accent, "border-width": 4 } },
    {
      selector: "edge",
      style: { label: "data(caption)", width: 1.2, "line-color": line, "target-arrow-color": line, "target-arrow-shape": "triangle", "arrow-scale": 0.8, "curve-style": "bezier", color: ink, "font-size": 10, "font-family": font, "text-rotation": "autorotate", "text-background-color": paper, "text-background-opacity": 0.85, "min-zoomed-font-size": 7 },
    },
  ];
}
