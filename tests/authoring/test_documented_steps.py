"""The README's steps to a second article, taken literally; then the rest of the invented text."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.authoring.conftest import SPACE, Page, Run, fill_in
from tests.conftest import REPOSITORY, LiveServer

from onrecord.building.formatting import format_file, is_formatted
from onrecord.building.species import check_lite, statements_of_quads
from onrecord.folder import Folder

Serve = Callable[..., AbstractContextManager[LiveServer]]

README = (REPOSITORY / "README.md").read_text("utf-8")
SECTION = README.partition("## A second article\n")[2].partition("\n## ")[0]
ARTICLE = SPACE + "article/8afcf19b"
PREFIX = "PREFIX rec: <https://w3id.org/onrecord/ns#>\n"


@dataclass(frozen=True)
class Step:
    """A fenced block of the section: a command to run, or Turtle to append to the file `target`."""

    code: str
    target: str | None


def steps() -> list[Step]:
    pattern = re.compile(r"<!-- step(?:: append to (\S+))? -->\n```\w+\n(.*?)```", re.DOTALL)
    return [Step(m[2], m[1]) for m in pattern.finditer(SECTION)]


def gaps() -> dict[str, str]:
    """What the table of the section fills in."""
    return {m[1]: m[2] for m in re.finditer(r"^\| `\?(\w+)` \| `(.+)` \|$", SECTION, re.MULTILINE)}


class Author:
    """Goes through the steps in a directory that has the repository's texts in their place."""

    def __init__(self, run: Run, home: Path) -> None:
        self.run = run
        self.home = home
        self.said: list[str] = []
        texts = home / "tests" / "authoring"
        texts.mkdir(parents=True)
        (texts / "texts").symlink_to(REPOSITORY / "tests" / "authoring" / "texts")

    @property
    def file(self) -> Path:
        return self.home / "my-folder" / "triples" / "articles" / "8afcf19b.ttl"

    @property
    def page(self) -> Page:
        return Page((self.home / "my-folder" / "suggestions" / "8afcf19b.md").read_text("utf-8"))

    def take(self, step: Step) -> None:
        if step.target is not None:
            self.append(step.code, self.home / step.target)
            return
        for line in step.code.splitlines():
            program, *arguments = shlex.split(line)
            assert program == ".venv/bin/onrecord"
            answer = self.run(*arguments)
            assert answer.returncode == 0, answer.stderr
            self.said.append(answer.stdout)

    def append(self, turtle: str, path: Path | None = None) -> None:
        with (path or self.file).open("a", encoding="utf-8") as file:
            file.write("\n" + turtle)

    def accept(self, sentence: str, kind: str, words: str, **filled: str) -> None:
        self.append(fill_in(self.page.find(sentence, kind, words).turtle, **filled))


@pytest.fixture
def author(run: Run, tmp_path: Path) -> Author:
    """After steps 1 to 4: a folder, its entities, the article, and what the table accepts."""
    author = Author(run, tmp_path)
    for step in steps()[:3]:
        author.take(step)
    author.append("\n".join(author.page.blocks[:2]))
    author.append(author.page.find("P2S1", "time", "Monday").turtle)
    author.accept("P2S1", "verb", "told", **gaps())
    return author


def correct(author: Author) -> None:
    """Step 6: pin the words, write the better claim, let the statement make it."""
    by_span, turtle = steps()[4:6]
    author.take(by_span)
    author.append(author.said[-1].partition("\n\n")[2])
    author.take(turtle)
    made = "rec:makes claim:armed-men-came"
    text = author.file.read_text("utf-8")
    assert text.count(made + " ;") == 1
    author.file.write_text(text.replace(made + " ;", made + "-by-night ;"), encoding="utf-8")


def test_the_section_names_both_commands_and_shows_every_step() -> None:
    assert [step.target is None for step in steps()] == [True, False, True, True, True, False, True]
    assert "onrecord new" in SECTION and "onrecord span" in SECTION
    assert "rec:supersedes" in SECTION and "rec:reviewedBy" in SECTION


def test_the_steps_lead_to_a_claim_that_can_be_asked_for(author: Author) -> None:
    author.take(steps()[3])
    (row,) = [line for line in author.said[-1].splitlines() if "armed-men-came" in line]
    assert "Ines Halloran" in row and "P2S1" in row and "men with weapons came to the dam" in row


def test_a_corrected_claim_keeps_its_predecessor(author: Author, serve_folder: Serve) -> None:
    correct(author)
    author.take(steps()[6])
    assert "armed-men-came-by-night" in author.said[-1]
    with serve_folder(author.home / "my-folder") as server:
        (now,) = server.ask("who-said-what", speaker="id/halloran")
        assert now["claim"] == f"{ARTICLE}/claim/armed-men-came-by-night"
        assert (now["start"], now["end"]) == ("369", "400")
        claims = {row["claim"]: row for row in server.ask("who-wrote-it-down", encoder="id/desk")}
        old, new = f"{ARTICLE}/claim/armed-men-came", f"{ARTICLE}/claim/armed-men-came-by-night"
        assert claims.keys() == {old, new}
        assert claims[new]["supersedes"] == old and claims[old]["supersededBy"] == new
        assert claims[new]["encodedOn"] == "2031-06-21T09:00:00Z"
        kept = server.sparql(PREFIX + f"SELECT ?span WHERE {{ <{old}> rec:evidence ?span }}")
        assert [row["span"] for row in kept] == [f"{ARTICLE}/span/282-485"]


def test_an_unfinished_suggestion_is_told_with_its_line_and_never_served(author: Author) -> None:
    author.append(author.page.find("P3S1", "verb", "denied").turtle)
    answer = author.run("query", "who-said-what", "--folder", "my-folder")
    assert answer.returncode == 1
    assert re.search(r"triples/articles/8afcf19b\.ttl:\d+:\d+: .*\?speaker", answer.stderr)


def test_what_the_steps_write_is_owl_lite_and_formats(author: Author) -> None:
    correct(author)
    author.file.write_text(format_file(author.file), encoding="utf-8")
    assert is_formatted(author.file)
    folder = Folder(author.home / "my-folder")
    space = folder.description.space
    quads = [quad for file in folder.files() if "shapes" not in file.name for quad in file.quads(space)]
    assert check_lite(statements_of_quads(quads)) == []


OWN_RELATIONS = """
@prefix own: <https://example.org/sorrel/term/relation/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rec: <https://w3id.org/onrecord/ns#> .
own:damages a rec:Relation ; rdfs:label "damages"@en ; rdfs:comment "Breaks or spoils a thing."@en ;
    rec:reading "damages"@en ; rec:inverseReading "is damaged by"@en ;
    rec:example "Farmers damage a gate."@en .
own:detains a rec:Relation ; rdfs:label "detains"@en ; rdfs:comment "Takes into custody."@en ;
    rec:reading "detains"@en ; rec:inverseReading "is detained by"@en ;
    rec:example "Police detain people."@en .
"""
ENTITIES = """
id:arrested a rec:Collective ; rdfs:label "people arrested"@en .
id:arrests a rec:Event ; rdfs:label "the arrests"@en .
id:chains a rec:Means ; rdfs:label "chains of two sluice gates"@en .
id:farmers a rec:Collective ; rdfs:label "farmers of the lower valley"@en .
id:foreman a rec:Person ; rdfs:label "unnamed foreman at the dam"@en ; rec:named false .
id:gates a rec:Means ; rdfs:label "the gates"@en .
id:interior-ministry a rec:Government ; rdfs:label "interior ministry"@en .
id:okello a rec:Person ; rdfs:label "J. R. Okello"@en .
id:official a rec:Person ; rdfs:label "unnamed official of the interior ministry"@en ; rec:named false .
id:radio-venn a rec:MediaOutlet ; rdfs:label "Radio Venn"@en .
id:rusted a rec:Condition ; rdfs:label "rusted through"@en .
id:sorrel-water a rec:Organization ; rdfs:label "Sorrel Water Co."@en .
id:union a rec:Organization ; rdfs:label "Valley Farmers' Union"@en .
id:union-members a rec:Collective ; rdfs:label "members of the union"@en .
"""
LINK = """
@prefix basis: <https://w3id.org/onrecord/term/basis/> .
@prefix cert: <https://w3id.org/onrecord/term/certainty/> .
@prefix kind: <https://w3id.org/onrecord/term/link-kind/> .
claim:official-forty-detained rec:hedge hedge:some ; rec:quantity qty:forty-detained .
link:foreman-against-company a rec:ClaimLink ;
    rdfs:label "The claim on rust against the claim on farmers"@en ;
    rec:basis basis:analyst ; rec:certainty cert:certain ; rec:kind kind:contradicts ;
    rec:from claim:foreman-chains-rusted ; rec:to claim:company-farmers-cut ;
    rec:encodedBy id:desk ; rec:encodedOn "2031-06-20T09:00:00Z"^^xsd:dateTime .
"""


def words(text: str) -> str:
    return f'"{text}"@en'


def encode_the_quarrel(author: Author) -> None:
    """An accusation, its denial, a relay, a hedged figure, a silence, a speaker without a name."""
    (author.home / "my-folder" / "ontology" / "own.ttl").write_text(OWN_RELATIONS, encoding="utf-8")
    author.append(ENTITIES, author.home / "my-folder" / "triples" / "entities.ttl")
    author.append("@prefix own: <https://example.org/sorrel/term/relation/> .\n")
    author.append(author.page.find("P1S1", "time", "Wednesday").turtle)
    author.accept(
        "P1S1",
        "verb",
        "accused",
        speaker="sorrel-water",
        label=words("The company accuses farmers"),
        claim="company-farmers-cut",
        time="2031-06-18",
        subject="farmers",
        relation="own:damages",
        object="chains",
        paraphrase=words("The company: farmers broke chains at the dam"),
    )
    author.accept(
        "P3S1",
        "verb",
        "denied",
        speaker="okello",
        label=words("Okello denies"),
        claim="okello-gates-untouched",
        time="by-writing",
        subject="union-members",
        relation="own:damages",
        object="gates",
        paraphrase=words("Okello: nobody of the union did anything to the gates"),
    )
    author.accept(
        "P4S1",
        "verb",
        "reported",
        speaker="radio-venn",
        label=words("The radio reports"),
        statement="p4s1-official-says",
        time="document-day",
    )
    quoting = fill_in(
        author.page.find("P4S1", "verb", "quoting").turtle,
        speaker="official",
        label=words("An official speaks"),
        claim="official-forty-detained",
        time="by-writing",
        subject="interior-ministry",
        relation="own:detains",
        object="arrested",
        paraphrase=words("The official: around forty were taken into custody"),
    )
    records = quoting.split("\n\n")
    author.append("\n\n".join(record for record in records if not record.startswith("stmt:p4s1-narrator")))
    author.accept(
        "P4S1",
        "number",
        "some 40",
        name="forty-detained",
        counted="arrested",
        label=words("some 40 people"),
    )
    author.accept(
        "P4S2",
        "verb",
        "gave no",
        claim="ministry-gives-no-reason",
        subject="interior-ministry",
        relation="givesDetailsOf",
        object="arrests",
        paraphrase=words("The article: no reason came from the ministry"),
    )
    author.accept(
        "P6S1",
        "verb",
        "said",
        speaker="foreman",
        label=words("A foreman without a name speaks"),
        claim="foreman-chains-rusted",
        time="by-writing",
        subject="chains",
        relation="inState",
        object="rusted",
        paraphrase=words("The foreman: it was rust that broke the chains"),
    )
    author.append(LINK)


def test_the_whole_quarrel_is_encoded_from_suggestions_and_answers(
    author: Author, serve_folder: Serve
) -> None:
    encode_the_quarrel(author)
    with serve_folder(author.home / "my-folder") as server:
        assert "warning" not in server.banner
        said = {
            (row["speakerLabel"], row["act"], row["polarity"], row["sentence"])
            for row in server.ask("who-said-what")
        }
        assert said == {
            ("Ines Halloran", "says", "affirmed", "P2S1"),
            ("Sorrel Water Co.", "accuses", "affirmed", "P1S1"),
            ("J. R. Okello", "denies", "negated", "P3S1"),
            ("unnamed official of the interior ministry", "says", "affirmed", "P4S1"),
            ("unnamed foreman at the dam", "says", "affirmed", "P6S1"),
            ("Narrator of: Text 8afcf19b of Thursday 19 June 2031", "reports silence", "negated", "P4S2"),
        }
        (official,) = server.ask("who-said-what", speaker="id/official")
        assert official["through"] == "Radio Venn"
        claim = f"<{official['claim']}>"
        conveyed = server.sparql(
            PREFIX + f"SELECT ?speaker {{ ?statement rec:conveys {claim} ; rec:speaker ?speaker }}"
        )
        assert {row["speaker"] for row in conveyed} == {
            f"{ARTICLE}/narrator",
            SPACE + "id/official",
            SPACE + "id/radio-venn",
        }
        pattern = f"{claim} rec:quantity ?quantity . ?quantity rec:figure ?figure ; rec:hedge ?hedge"
        counted = server.sparql(PREFIX + f"SELECT ?figure ?hedge {{ {pattern} }}")
        assert [(row["figure"], row["hedge"].rsplit("/", 1)[1]) for row in counted] == [("40", "some")]
        opposed = server.sparql(
            PREFIX + f"SELECT ?other {{ <{ARTICLE}/claim/company-farmers-cut> rec:contradicts ?other }}"
        )
        assert [row["other"] for row in opposed] == [f"{ARTICLE}/claim/foreman-chains-rusted"]


def test_what_the_quarrel_holds_is_owl_lite_and_pinned(author: Author) -> None:
    encode_the_quarrel(author)
    correct(author)
    folder = Folder(author.home / "my-folder")
    space = folder.description.space
    quads = [quad for file in folder.files() if "shapes" not in file.name for quad in file.quads(space)]
    assert check_lite(statements_of_quads(quads)) == []
    author.file.write_text(format_file(author.file), encoding="utf-8")
    text = author.file.read_text("utf-8")
    used = set(re.findall(r"rec:(?:cue|evidence) (span:\d+-\d+)", text))
    assert used and used <= set(re.findall(r"^(span:\d+-\d+) a rec:TextSpan", text, re.MULTILINE))


def test_format_and_check_find_nothing_to_mend(author: Author) -> None:
    encode_the_quarrel(author)
    correct(author)
    assert author.run("fmt", "my-folder").returncode == 0
    assert author.run("fmt", "--check", "my-folder").returncode == 0
    checked = author.run("check", "my-folder", "--source", "tests/authoring/texts")
    assert not checked.stderr
    findings = [line for line in checked.stdout.splitlines() if line.startswith("my-folder/")]
    assert findings == []
