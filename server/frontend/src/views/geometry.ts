/* Where the rows of a result lie: literals of coordinates, or a column of latitudes with one of longitudes. Pure. */

import type { Result, Row, Term } from "../run/result.ts";
import { numberOf } from "./cells.ts";

export const WKT = "http://www.opengis.net/ont/geosparql#wktLiteral";
const LATITUDE = /^(.*?)_?lat(itude)?$/i;
const LONGITUDE = /^(.*?)_?(lon|lng|long|longitude)$/i;

/** Columns that say where: one of WKT, or two of degrees. */
export type PlaceColumn =
  | { readonly kind: "wkt"; readonly variable: string }
  | { readonly kind: "degrees"; readonly latitude: string; readonly longitude: string };

/** The columns of `result` that say where something is. */
export function placeColumns(result: Result): PlaceColumn[] {
  const found: PlaceColumn[] = [];
  for (const variable of result.variables) {
    if (result.rows.some((row) => isWkt(row[variable]))) found.push({ kind: "wkt", variable });
    const stem = LATITUDE.exec(variable)?.[1];
    if (stem === undefined) continue;
    const longitude = result.variables.find((other) => LONGITUDE.exec(other)?.[1] === stem);
    if (longitude && result.rows.some((row) => degreesOf(row, variable, longitude))) {
      found.push({ kind: "degrees", latitude: variable, longitude });
    }
  }
  return found;
}

export function isWkt(term: Term | undefined): boolean {
  return term?.kind === "literal" && term.datatype === WKT;
}

/** Longitude and latitude in degrees, or null where the row does not have both within their bounds. */
export function degreesOf(row: Row, latitude: string, longitude: string): readonly [number, number] | null {
  const [north, east] = [looseNumber(row[latitude]), looseNumber(row[longitude])];
  if (north === null || east === null || Math.abs(north) > 90 || Math.abs(east) > 180) return null;
  return [east, north];
}

/** A number also where the query made a plain string of it. */
function looseNumber(term: Term | undefined): number | null {
  const number = numberOf(term);
  if (number !== null || term?.kind !== "literal" || term.datatype || term.language) return number;
  return /^\s*-?\d+(\.\d+)?\s*$/.test(term.value) ? Number(term.value) : null;
}
