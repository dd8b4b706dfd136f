import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result, Row, Term } from "../src/run/result.ts";
import { degreesOf, placeColumns, WKT } from "../src/views/geometry.ts";
import { drawNetwork, hasNetwork, MOST_NODES } from "../src/views/network.ts";
import { chooseAxes, hasSeries, suitingShape } from "../src/views/series.ts";
import { extentOf, spanColumns, spansOf } from "../src/views/spans.ts";
import { positionsOf, readWkt, unroll } from "../src/views/wkt.ts";

const XSD = "http://www.w3.org/2001/XMLSchema#";
const iri = (value: string): Term => ({ kind: "iri", value });
const typed = (value: string, datatype: string): Term => ({ kind: "literal", value, datatype: XSD + datatype });
const text = (value: string): Term => ({ kind: "literal", value });
const solutions = (variables: string[], ...rows: Row[]): Result => ({ kind: "solutions", variables, rows, truth: null, isCut: false });

test("WKT is read with longitudes first, whatever its reference system says", () => {
  const point = { type: "Point", coordinates: [36.4, 33.5] };
  assert.deepEqual(readWkt("Point(36.4 33.5)"), point);
  assert.deepEqual(readWkt("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT (36.4 33.5)"), point);
  assert.deepEqual(readWkt("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(33.5 36.4)"), point);
  const area = readWkt("POLYGON((36 33, 37 33, 37 34, 36 33))");
  assert.ok(area);
  assert.equal(positionsOf(area).length, 4);
});

test("what is on another globe, in another system or outside the earth has no place on the map", () => {
  for (const wkt of ["<http://www.wikidata.org/entity/Q405> POINT(1 1)", "<http://www.opengis.net/def/crs/EPSG/0/3857> POINT(1 1)", "POINT(36 133)", "Douma", ""]) {
    assert.equal(readWkt(wkt), null, wkt);
  }
});

test("an area across the 180th meridian goes on in place of crossing the whole map", () => {
  const area = unroll({ type: "Polygon", coordinates: [[[170, 60], [-170, 60], [-170, 70], [170, 70], [170, 60]]] });
  assert.deepEqual(positionsOf(area).map(([east]) => east), [170, 190, 190, 170, 170]);
});

test("places are found in WKT and in pairs of degrees", () => {
  const wkt: Term = { kind: "literal", value: "POINT(36 33)", datatype: WKT };
  const both = solutions(["a", "where", "placeLat", "placeLong"], { a: iri("urn:a"), where: wkt, placeLat: typed("33.5", "decimal"), placeLong: text("36.4") });
  assert.deepEqual(placeColumns(both), [
    { kind: "wkt", variable: "where" },
    { kind: "degrees", latitude: "placeLat", longitude: "placeLong" },
  ]);
  assert.deepEqual(degreesOf(both.rows[0] ?? {}, "placeLat", "placeLong"), [36.4, 33.5]);
  assert.deepEqual(placeColumns(solutions(["flat", "belong"], { flat: typed("1", "integer"), belong: text("x") })), []);
  assert.deepEqual(placeColumns(solutions(["lat", "long"], { lat: typed("133", "integer"), long: typed("36", "integer") })), []);
});

test("a year is a whole year, a date a day, and a time a moment", () => {
  const days = (term: Term) => extentOf(term)?.map((time) => new Date(time).toISOString().slice(0, 10));
  assert.deepEqual(days(typed("2018", "gYear")), ["2018-01-01", "2018-12-31"]);
  assert.deepEqual(days(typed("2018-02", "gYearMonth")), ["2018-02-01", "2018-02-28"]);
  assert.deepEqual(days(typed("2018-03-28", "date")), ["2018-03-28", "2018-03-28"]);
  const moment = extentOf(typed("2018-03-28T10:00:00Z", "dateTime"));
  assert.equal(moment?.[0], moment?.[1]);
  assert.equal(extentOf(text("2018")), null);
});

test("columns of bounds belong together when the rest of their names agrees", () => {
  const day = typed("2018-03-28", "date");
  const row = { a: day, saidFrom: day, saidUntil: day, eventBegin: day, allianceEnd: day };
  assert.deepEqual(spanColumns(solutions(Object.keys(row), row)), [
    { from: "a", to: "a" },
    { from: "saidFrom", to: "saidUntil" },
    { from: "eventBegin", to: "eventBegin" },
    { from: "allianceEnd", to: "allianceEnd" },
  ]);
});

test("an unknown bound stays unknown, and rows without any time are left out", () => {
  const result = solutions(["notBefore", "notAfter"], { notAfter: typed("2018-04-01", "date") }, {}, { notBefore: typed("2018-01-01", "date") });
  const spans = spansOf(result.rows, spanColumns(result));
  assert.deepEqual(spans.map(({ from, to }) => [from === null, to === null]), [[false, true], [true, false]]);
});

test("a chart goes along the first column that is no number, and up the numbers", () => {
  const result = solutions(["n", "speaker", "speakerLabel"], { n: typed("3", "integer"), speaker: iri("urn:s"), speakerLabel: text("S") });
  assert.ok(hasSeries(result));
  const axes = chooseAxes(result);
  assert.deepEqual(axes, { along: "speaker", alongType: "iri", up: ["n"] });
  assert.equal(axes && suitingShape(axes), "bar");
  assert.equal(hasSeries(solutions(["a"], { a: text("3") })), false);
  assert.equal(hasSeries(solutions(["a"], { a: typed("1", "integer") }, { a: text("x") })), false);
  const numbers = solutions(["x", "y"], { x: typed("1", "integer"), y: typed("2", "decimal") });
  assert.deepEqual(chooseAxes(numbers), { along: "x", alongType: "number", up: ["y"] });
  assert.deepEqual(chooseAxes(numbers, "y")?.up, ["x"]);
});

test("a network joins the ends of triples, and the first thing of a row with the others", () => {
  const triple = { subject: iri("urn:s"), predicate: iri("urn:p"), object: iri("urn:o") };
  const graph: Result = { kind: "graph", variables: ["subject", "predicate", "object"], rows: [triple, { ...triple, object: text("x") }], truth: null, isCut: false };
  const network = drawNetwork(graph);
  assert.deepEqual([...network.nodes.keys()], ["urn:s", "urn:o"]);
  assert.deepEqual([...network.edges.values()].map(({ property }) => property), ["urn:p"]);
  const rows = drawNetwork(solutions(["a", "theOther", "c"], { a: iri("urn:1"), theOther: iri("urn:2"), c: text("x") }, { a: iri("urn:1"), theOther: iri("urn:1") }));
  assert.deepEqual([...rows.edges.values()].map(({ words }) => words), ["the other"]);
  assert.equal(hasNetwork(solutions(["a", "b"], { a: iri("urn:1"), b: text("x") })), false);
});

test("lines of a row start from its claim, so that none joins a speaker to what is only said", () => {
  const row = { speaker: iri("urn:speaker"), claim: iri("urn:claim"), object: iri("urn:object") };
  const { edges } = drawNetwork(solutions(Object.keys(row), row), (name) => name === "urn:claim");
  assert.deepEqual([...edges.values()].map(({ from, to }) => [from, to]), [["urn:claim", "urn:speaker"], ["urn:claim", "urn:object"]]);
});

test("a network too large to read leaves rows out and counts them", () => {
  const rows = Array.from({ length: MOST_NODES }, (_, at) => ({ a: iri(`urn:a${at}`), b: iri(`urn:b${at}`) }));
  const network = drawNetwork(solutions(["a", "b"], ...rows));
  assert.equal(network.nodes.size, MOST_NODES);
  assert.equal(network.leftOut, MOST_NODES / 2);
});
