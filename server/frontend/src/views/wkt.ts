/* WKT literals as GeoSPARQL 1.1 (8.5.1) and Wikidata write them, to GeoJSON. Pure. */

import { wktToGeoJSON } from "betterknown";
import type { Geometry, Position } from "geojson";

const REFERENCE = /^\s*<([^>]*)>\s*/;
const CRS84 = /\/OGC\/[\d.]+\/CRS84h?$/i;
/** Latitude comes first there. */
const EPSG4326 = /\/EPSG\/[\d.]+\/4326$/i;

/** The geometry that `text` writes, longitudes first; null for another reference system, globe or no WKT. */
export function readWkt(text: string): Geometry | null {
  const reference = REFERENCE.exec(text);
  const system = reference?.[1] ?? "";
  if (system && !CRS84.test(system) && !EPSG4326.test(system)) return null;
  let geometry: Geometry | null;
  try {
    geometry = wktToGeoJSON(text.slice(reference?.[0].length ?? 0).trim());
  } catch {
    return null;
  }
  if (!geometry) return null;
  const placed = EPSG4326.test(system) ? turn(geometry) : geometry;
  return isOnEarth(placed) ? placed : null;
}

function turn(geometry: Geometry): Geometry {
  if (geometry.type === "GeometryCollection") return { ...geometry, geometries: geometry.geometries.map(turn) };
  return { ...geometry, coordinates: swap(geometry.coordinates) } as Geometry;
}

type Nested = Position | Nested[];

function swap(nested: Nested): Nested {
  if (typeof nested[0] === "number") return [nested[1], nested[0], ...nested.slice(2)] as Position;
  return (nested as Nested[]).map(swap);
}

/**
 * An area that crosses the 180th meridian, drawn on: its longitudes go beyond 180 in place of jumping to the other
 * side of the map. Other geometries are returned as they are.
 */
export function unroll(geometry: Geometry): Geometry {
  const unrollRing = (ring: Position[]): Position[] => {
    let turns = 0;
    return ring.map((position, at) => {
      const [east = 0, north = 0] = position;
      const before = ring[at - 1]?.[0];
      if (before !== undefined && Math.abs(east - before) > 180) turns += east < before ? 360 : -360;
      return [east + turns, north];
    });
  };
  if (geometry.type === "Polygon") return { ...geometry, coordinates: geometry.coordinates.map(unrollRing) };
  if (geometry.type === "MultiPolygon") return { ...geometry, coordinates: geometry.coordinates.map((area) => area.map(unrollRing)) };
  return geometry;
}

/** Every position of a geometry, longitudes first. */
export function positionsOf(geometry: Geometry): Position[] {
  if (geometry.type === "GeometryCollection") return geometry.geometries.flatMap(positionsOf);
  const flat = (nested: Nested): Position[] =>
    typeof nested[0] === "number" ? [nested as Position] : (nested as Nested[]).flatMap(flat);
  return flat(geometry.coordinates as Nested);
}

function isOnEarth(geometry: Geometry): boolean {
  const positions = positionsOf(geometry);
  const fits = (value: number | undefined, most: number) => value !== undefined && Math.abs(value) <= most;
  return positions.length > 0 && positions.every(([east, north]) => fits(east, 180) && fits(north, 90));
}
