import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { readHints } from "../src/sparql/hints.ts";
import { layOut } from "../src/sparql/layout.ts";
import { missingDeclarations, prologueEnd, shortenIri } from "../src/sparql/prefixes.ts";
import { tokenize } from "../src/sparql/tokens.ts";

const QUERIES = new URL(`file://${process.cwd()}/../../queries/`);
const solid = (text: string) => tokenize(text).filter((t) => t.kind !== "space").map((t) => t.text.trimEnd());
const shipped = readdirSync(QUERIES)
  .filter((name) => name.endsWith(".rq"))
  .map((name) => [name, readFileSync(new URL(name, QUERIES), "utf8")] as const);

const MESSY = `prefix a: <urn:a> select ?x (count(*) as ?n) where{?x a:b/a:c+ ?y;a:d "x.;{"@en,?z .filter(?y>3&&!bound(?z))
optional{?x a ?t}{?x ?p 1.5}union{?x ?q <<( ?a ?b ?c )>>} values ?v{undef} values (?a ?b){(1 2)(3 4)} # why
service<urn:s>{?s ?p ?o {| :r ?q |} .} # which
?a ?b
  ?c filter not exists {?a ?b [a:b (1 2);a:c ?d]}
}group by ?x order by desc(?n) limit 3`;

test("layout changes white space alone", () => {
  assert.ok(shipped.length > 20);
  for (const text of [MESSY, "", "# only", "select", "}", "{{", "a.b;c # d", ...shipped.map(([, text]) => text)]) {
    assert.deepEqual(solid(layOut(text)), solid(text));
  }
});

test("a text that is laid out stays as it is", () => {
  for (const text of [MESSY, ...shipped.map(([, text]) => text)]) assert.equal(layOut(layOut(text)), layOut(text));
});

test("each pattern gets a line, indented by its group", () => {
  assert.equal(
    layOut("prefix a: <urn:a> select ?x where{?x a:b/a:c ?y;a:d ?z .optional{?x a ?t}} order by ?x"),
    `prefix a: <urn:a>
select ?x where {
  ?x a:b/a:c ?y ;
    a:d ?z .
  optional {
    ?x a ?t
  }
}
order by ?x
`,
  );
});

test("breaks that an author made within a pattern stay", () => {
  const text = "SELECT DISTINCT\n  ?a ?b\n  ?c\nWHERE {\n  ?a :p/\n    :q ?b .\n\n  ?c a ?d\n}\n";
  assert.equal(layOut(text), text);
});

test("declarations are added for known prefixes alone, behind those that are there", () => {
  const known = { rec: "urn:rec#", wd: "urn:wd/" };
  const text = "#+ summary: x\nPREFIX a: <urn:a>\nSELECT * { ?s rec:x wd:Q1, a:b, zz:q, 'rec:no' } # wd:Q2\n";
  assert.equal(missingDeclarations(text, known), "PREFIX rec: <urn:rec#>\nPREFIX wd: <urn:wd/>\n");
  assert.equal(text.slice(0, prologueEnd(text)), "#+ summary: x\nPREFIX a: <urn:a>\n");
  assert.equal(prologueEnd("#defaultView:Map\nASK {}"), "#defaultView:Map\n".length);
  assert.equal(prologueEnd("ASK {}"), 0);
  assert.equal(missingDeclarations("PREFIX rec: <urn:mine> ASK { rec:x rec:y rec:z }", known), "");
});

test("an IRI is written with the longest namespace that leaves a plain name", () => {
  const prefixes = { e: "urn:e/", id: "urn:e/id/" };
  assert.equal(shortenIri("urn:e/id/a-b", prefixes), "id:a-b");
  assert.equal(shortenIri("urn:e/x/y", prefixes), "<urn:e/x/y>");
  assert.equal(shortenIri("urn:other", prefixes), "<urn:other>");
});

test("hints are read as Wikidata writes them, and a damaged option is no harm", () => {
  assert.deepEqual(readHints('#defaultView:Map{"hide":["?geo"]}\nSELECT'), { view: "map", options: { hide: ["?geo"] } });
  assert.deepEqual(readHints("# defaultView: Timeline {oops}\n"), { view: "timeline", options: {} });
  assert.deepEqual(readHints("SELECT * {}"), { view: "", options: {} });
});
