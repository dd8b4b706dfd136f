/* The map: places of a result over borders that came with the page. No tile server is asked. */

import type { Feature, FeatureCollection, Geometry } from "geojson";
import type * as Leaflet from "leaflet";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import type { Result, Row } from "../run/result.ts";
import { degreesOf, isWkt, placeColumns } from "./geometry.ts";
import { captionOf, listEntries } from "./listing.ts";
import { adoptStyles } from "./styles.ts";
import type { View, ViewOptions } from "./view.ts";
import { readWkt, unroll } from "./wkt.ts";

interface Place {
  readonly row: Row;
  readonly geometry: Geometry;
}

/** Shapes that a page draws and still answers to the hand. */
const MOST_PLACES = 5000;

export const view: View = {
  show(result, element, options) {
    const { places, unread } = locate(result);
    const frame = document.createElement("div");
    frame.className = "map-frame";
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", "Map of the result; the list below names the same places");
    const notice = document.createElement("p");
    notice.className = "hint";
    notice.textContent = "Borders: Natural Earth, drawn from afar; they settle no dispute. A point is as exact as the source of its coordinates.";
    element.append(frame, notice);
    const columns = placeColumns(result);
    const without = new Set(columns.flatMap((column) => (column.kind === "wkt" ? [column.variable] : [column.latitude, column.longitude])));
    let drawn: Drawn | null = null;
    let isClosed = false;
    const list = listEntries(
      element,
      `${places.length} ${places.length === 1 ? "place" : "places"}`,
      places.map(({ row }) => ({ row, caption: () => captionOf(row, result.variables, options, without) })),
      options,
      (at) => drawn?.mark(at),
    );
    options.say(sayWhat(places.length, unread));
    const start = async () => {
      const made = await draw(frame, places, options, (at) => list.turnTo(at), () => isClosed);
      if (made && isClosed) made.close();
      else drawn = made;
    };
    void start();
    return {
      close() {
        isClosed = true;
        list.close();
        drawn?.close();
      },
    };
  },
};

function sayWhat(count: number, unread: number): string {
  const parts = [`${count} ${count === 1 ? "place" : "places"} on the map.`];
  if (count >= MOST_PLACES) parts.push(`It holds no more than ${MOST_PLACES}.`);
  if (unread) parts.push(`${unread} rows have no coordinates that can be read.`);
  return parts.join(" ");
}

function locate(result: Result): { places: Place[]; unread: number } {
  const columns = placeColumns(result);
  const places: Place[] = [];
  let unread = 0;
  for (const row of result.rows) {
    let any = false;
    for (const column of columns) {
      let geometry: Geometry | null = null;
      if (column.kind === "wkt") {
        const term = row[column.variable];
        if (isWkt(term)) geometry = readWkt(term?.value ?? "");
      } else {
        const point = degreesOf(row, column.latitude, column.longitude);
        if (point) geometry = { type: "Point", coordinates: [...point] };
      }
      if (!geometry) continue;
      any = true;
      if (places.length < MOST_PLACES) places.push({ row, geometry });
    }
    if (!any) unread += 1;
  }
  return { places, unread };
}

interface Drawn {
  mark(at: number): void;
  close(): void;
}

async function draw(
  frame: HTMLElement,
  places: readonly Place[],
  options: ViewOptions,
  choose: (at: number) => void,
  isClosed: () => boolean,
): Promise<Drawn | null> {
  const [library, { default: styles }, { default: world }] = await Promise.all([
    import("leaflet"),
    import("leaflet/dist/leaflet.css"),
    import("world-atlas/countries-50m.json"),
  ]);
  if (isClosed()) return null;
  const leaflet = ("default" in library ? library.default : library) as typeof Leaflet;
  adoptStyles(styles);
  const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = leaflet.map(frame, {
    attributionControl: false,
    zoomAnimation: !isCalm,
    fadeAnimation: !isCalm,
    maxZoom: 16,
    worldCopyJump: true,
  });
  leaflet.control.scale().addTo(map);
  // TypeScript reads the file's "Topology" as any string.
  const topology = world as unknown as Topology<{ countries: GeometryCollection }>;
  const land: FeatureCollection = feature(topology, topology.objects.countries);
  for (const country of land.features) country.geometry = unroll(country.geometry);
  leaflet.geoJSON(land, { interactive: false, style: () => ({ className: "map-land" }) }).addTo(map);
  const shapes: Leaflet.Path[] = [];
  const group = leaflet.featureGroup();
  places.forEach(({ geometry }, at) => {
    const shape: Feature = { type: "Feature", properties: {}, geometry };
    leaflet
      .geoJSON(shape, {
        style: () => ({ className: "map-place" }),
        pointToLayer: (_, position) => leaflet.circleMarker(position, { radius: 7, className: "map-place" }),
        onEachFeature: (_, layer) => {
          layer.on("click", () => choose(at));
          shapes[at] ??= layer as Leaflet.Path;
        },
      })
      .addTo(group);
  });
  group.addTo(map);
  const seen = readState(options.state.get("at"));
  if (seen) map.setView([seen[1], seen[2]], seen[0], { animate: false });
  else map.fitBounds(group.getBounds().pad(0.2), { maxZoom: 11, animate: false });
  map.on("moveend", () => {
    const center = map.getCenter();
    options.state.set("at", [map.getZoom(), center.lat.toFixed(4), center.lng.toFixed(4)].join("/"));
  });
  let marked: Element | null | undefined;
  return {
    mark(at) {
      marked?.classList.remove("is-marked");
      marked = shapes[at]?.getElement();
      marked?.classList.add("is-marked");
    },
    close: () => map.remove(),
  };
}

/** "zoom/latitude/longitude" from the address; null for anything else. */
function readState(text: string): [number, number, number] | null {
  const parts = text.split("/").map(Number);
  const [zoom, north, east] = parts;
  if (!text || parts.length !== 3 || zoom === undefined || north === undefined || east === undefined) return null;
  if (parts.some((part) => !Number.isFinite(part)) || zoom < 0 || zoom > 16 || Math.abs(north) > 90 || Math.abs(east) > 540) return null;
  return [zoom, north, east];
}
