import assert from "node:assert/strict";
import { test } from "node:test";
import { SolutionReader, TripleReader } from "../src/run/reading.ts";

const DOCUMENT = JSON.stringify({
  head: { vars: ["a", "b"], link: ["x{"] },
  results: {
    bindings: [
      { a: { type: "uri", value: "urn:{[\"\\" }, b: { type: "literal", value: "ميناء", "xml:lang": "ar" } },
      {},
      {
        a: {
          type: "triple",
          value: {
            subject: { type: "uri", value: "urn:s" },
            predicate: { type: "uri", value: "urn:p" },
            object: { type: "literal", value: "7", datatype: "urn:int" },
          },
        },
      },
    ],
  },
});

test("rows are read wherever the answer is cut into pieces", () => {
  for (let size = 1; size < 40; size += 1) {
    const reader = new SolutionReader();
    for (let at = 0; at < DOCUMENT.length; at += size) reader.take(DOCUMENT.slice(at, at + size));
    const result = reader.finish(false);
    assert.deepEqual(result.variables, ["a", "b"]);
    assert.equal(result.rows.length, 3);
    assert.deepEqual(result.rows[0]?.["a"], { kind: "iri", value: 'urn:{["\\' });
    assert.deepEqual(result.rows[0]?.["b"], { kind: "literal", value: "ميناء", language: "ar" });
    const triple = result.rows[2]?.["a"];
    assert.ok(triple?.kind === "triple" && triple.parts[2].kind === "literal" && triple.parts[2].datatype === "urn:int");
  }
});

test("an answer without rows, and one that is a truth, are read", () => {
  const empty = new SolutionReader();
  empty.take('{"head":{"vars":["x"]},"results":{"bindings":[]}}');
  assert.deepEqual(empty.finish(false).variables, ["x"]);
  const truth = new SolutionReader();
  truth.take('{"head":{},"boolean":true}');
  const result = truth.finish(false);
  assert.deepEqual([result.kind, result.truth], ["boolean", true]);
});

test("half an answer never passes for a whole one, and may be kept where it was cut on purpose", () => {
  const reader = new SolutionReader();
  reader.take(DOCUMENT.slice(0, DOCUMENT.length - 20));
  assert.throws(() => reader.finish(false), /broke off/);
  const result = reader.finish(true);
  assert.deepEqual(result.variables, ["a", "b"]);
  assert.ok(result.isCut);
});

test("triples are read as rows", () => {
  const reader = new TripleReader();
  reader.take('<urn:s> <urn:p> "a\\n\\u0641\\""@ar .\n_:b <urn:p> "7"^^<urn:i');
  reader.take('nt> .\n<urn:s> <urn:q> <<( <urn:a> <urn:b> "c" )>> .\n');
  const rows = reader.finish(false).rows;
  assert.deepEqual(rows[0]?.["object"], { kind: "literal", value: 'a\nف"', language: "ar" });
  assert.deepEqual(rows[1], {
    subject: { kind: "blank", value: "b" },
    predicate: { kind: "iri", value: "urn:p" },
    object: { kind: "literal", value: "7", datatype: "urn:int" },
  });
  assert.equal(rows[2]?.["object"]?.kind, "triple");
});
