import assert from "node:assert/strict";
import { test } from "node:test";
import { rankLanguage } from "../src/knowledge/names.ts";
import type { Result, Row, Term } from "../src/run/result.ts";
import { numberOf, timeOf } from "../src/views/cells.ts";
import { arrangeColumns, compareTerms, foldText, voiceOf } from "../src/views/columns.ts";

const XSD = "http://www.w3.org/2001/XMLSchema#";
const iri = (value: string): Term => ({ kind: "iri", value });
const literal = (value: string, datatype?: string): Term => ({ kind: "literal", value, ...(datatype ? { datatype } : {}) });
const result = (variables: string[], rows: Row[]): Result => ({ kind: "solutions", variables, rows, truth: null, isCut: false });

test("a label goes into the column whose IRIs it names, and what has no value is left out", () => {
  const { shown, empty } = arrangeColumns(
    result(["speakerLabel", "speaker", "count", "never"], [
      { speaker: iri("urn:a"), speakerLabel: literal("A"), count: literal("7", `${XSD}integer`) },
      { speaker: iri("urn:b"), count: literal("1.5", `${XSD}decimal`) },
    ]),
  );
  assert.deepEqual(shown.map((c) => [c.variable, c.type, c.label]), [["speaker", "iri", "speakerLabel"], ["count", "number", ""]]);
  assert.deepEqual(empty, ["never"]);
});

test("numbers are ordered as numbers, moments as moments, and what is unbound stands last either way", () => {
  const order = (terms: Array<Term | undefined>, type: "number" | "time" | "text", direction: 1 | -1) =>
    terms.toSorted((a, b) => compareTerms(a, b, type, (term) => term.value, direction)).map((term) => term?.value);
  const [two, ten] = [literal("2", `${XSD}integer`), literal("10", `${XSD}integer`)];
  assert.deepEqual(order([ten, undefined, two], "number", 1), ["2", "10", undefined]);
  assert.deepEqual(order([ten, undefined, two], "number", -1), ["10", "2", undefined]);
  const [west, east] = [literal("2018-03-29T01:00:00+03:00", `${XSD}dateTime`), literal("2018-03-28T23:00:00Z", `${XSD}dateTime`)];
  assert.deepEqual(order([east, west], "time", 1), [west.value, east.value]);
  assert.equal(numberOf(literal("2")), null, "a text of digits is no number");
  assert.equal(timeOf(literal("2018", `${XSD}gYear`)), Date.UTC(2018, 0, 1));
});

test("a row tells its voice by the term, never by a guess", () => {
  assert.equal(voiceOf({ v: iri("https://w3id.org/onrecord/term/voice/party") }), "party");
  assert.equal(voiceOf({ v: literal("party"), w: iri("https://w3id.org/onrecord/term/voice/unheard-of") }), "");
});

test("the reader's languages come first, then what has none", () => {
  const ranks = ["ar-SY", "en", "", "fr"].map((language) => rankLanguage(language, ["ar", "en"]));
  assert.deepEqual(ranks, [0, 1, 2, 3]);
  assert.equal(foldText("Damás"), "damas");
});
