import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenize } from "../src/sparql/tokens.ts";

const solid = (text: string) =>
  tokenize(text)
    .filter((token) => token.kind !== "space")
    .map((token) => `${token.kind} ${token.text}`);

test("tokens joined are the text, whatever the text", () => {
  for (const text of ["", "a<b", '"""never ends', "SELECT * { ?s ?p 'x\\'y'@ar--rtl }", "\u{1F600} <a b> \\", "'a\nb"]) {
    assert.equal(tokenize(text).map((token) => token.text).join(""), text);
  }
});

test("terms are read whole", () => {
  assert.deepEqual(solid('id:a.b. <urn:x> ?دوما "x"@ar--rtl _:b1 wdt:P31/:x 1.5e3 '), [
    "name id:a.b", "operator .", "iri <urn:x>", "variable ?دوما", 'string "x"', "language @ar--rtl", "blank _:b1",
    "name wdt:P31", "operator /", "name :x", "number 1.5e3",
  ]);
});

test("what SPARQL 1.2 adds is read", () => {
  assert.deepEqual(solid("<<( ?a ?b ?c )>> << ?a ?b ?c ~ ?r >> {| :p :o |}").filter((t) => /open|close|~/.test(t)), [
    "open <<(", "close )>>", "open <<", "operator ~", "close >>", "open {|", "close |}",
  ]);
});

test("a hash in an IRI or a string begins no comment", () => {
  assert.deepEqual(solid("<urn:a#b> '#' # c"), ["iri <urn:a#b>", "string '#'", "comment # c"]);
});

test("a comparison is no IRI", () => {
  assert.deepEqual(solid("?a < ?b && ?c > 1").map((t) => t.split(" ")[0]), [
    "variable", "operator", "variable", "operator", "variable", "operator", "number",
  ]);
});
