"""`onrecord new article`: a skeleton without claims, and suggestions that are no part of the graph."""

# ruff: noqa: RUF001  # texts in many scripts

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import Literal, RdfFormat
from tests.authoring.conftest import RESERVOIR, SPACE, Page, Run

from onrecord.authoring.article import Article
from onrecord.building.formatting import is_formatted
from onrecord.building.species import check_lite, statements_of_quads
from onrecord.folder import Folder

REC = "https://w3id.org/onrecord/ns#"
TEXT = RESERVOIR.read_text("utf-8")
NAME = hashlib.sha256(TEXT.encode()).hexdigest()[:8]


@pytest.fixture
def article(run: Run, made: Path) -> Path:
    """The file of the invented article."""
    entities = made / "triples" / "entities.ttl"
    entities.write_text(
        entities.read_text()
        + 'id:halloran a rec:Person ; rdfs:label "Ines Halloran"@en .\n'
        + 'id:sorrel-water a rec:Organization ; rdfs:label "Sorrel Water Co."@en .\n'
        + 'id:lake a rec:Location ; rdfs:label "the lake"@en .\n'
    )
    answer = run("new", "article", RESERVOIR, "--folder", "made", "--date", "2031-06-19", "--label", "Report")
    assert answer.returncode == 0, answer.stderr
    return made / "triples" / "articles" / f"{NAME}.ttl"


@pytest.fixture
def page(article: Path, made: Path) -> Page:
    return Page((made / "suggestions" / f"{NAME}.md").read_text("utf-8"))


def facts(path: Path) -> dict[str, dict[str, str]]:
    """The facts of each subject; of several values of a property, one."""
    found: dict[str, dict[str, str]] = {}
    for quad in pyoxigraph.parse(path=path, format=RdfFormat.TURTLE):
        value = quad.object.value if isinstance(quad.object, Literal) else str(quad.object).strip("<>")
        found.setdefault(str(quad.subject).strip("<>"), {})[quad.predicate.value] = value
    return found


def test_the_skeleton_has_source_narrator_and_a_span_for_each_sentence(article: Path) -> None:
    records = facts(article)
    source = records[f"{SPACE}article/{NAME}"]
    assert source[REC + "sha256"] == hashlib.sha256(RESERVOIR.read_bytes()).hexdigest()
    assert source[REC + "characters"] == str(len(TEXT))
    day = records[source[REC + "documentTime"]]
    assert (
        day[REC + "notBefore"] == "2031-06-19T00:00:00Z" and day[REC + "notAfter"] == "2031-06-19T23:59:59Z"
    )
    assert records[f"{SPACE}article/{NAME}/narrator"][REC + "narrates"] == f"{SPACE}article/{NAME}"
    spans = {name: record for name, record in records.items() if "/span/" in name}
    assert len(spans) == len(Article(TEXT).sentences)
    for name, span in spans.items():
        start, end = int(span[REC + "start"]), int(span[REC + "end"])
        assert name.endswith(f"/span/{start}-{end}")
        assert span[REC + "sha256"] == hashlib.sha256(TEXT[start:end].encode()).hexdigest()
        words = TEXT[start:end].split()
        assert words[: len(span[REC + "anchor"].split())] == span[REC + "anchor"].split()
        assert len(span[REC + "anchor"].split()) < len(words) or len(words) == 1


def test_the_skeleton_holds_no_claim_and_no_statement(article: Path) -> None:
    kinds = {record["http://www.w3.org/1999/02/22-rdf-syntax-ns#type"] for record in facts(article).values()}
    assert kinds == {REC + kind for kind in ("Source", "Narrator", "TextSpan", "TimeSpan")}


def test_every_record_tells_who_wrote_it_and_when(article: Path) -> None:
    for name, record in facts(article).items():
        if not name.endswith("/narrator"):
            assert record[REC + "encodedBy"] == SPACE + "id/desk"
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record[REC + "encodedOn"])


def test_the_skeleton_is_in_canonical_form_and_owl_lite(article: Path, made: Path) -> None:
    assert is_formatted(article)
    folder = Folder(made)
    space = folder.description.space
    quads = [quad for file in folder.files() if "shapes" not in file.name for quad in file.quads(space)]
    assert check_lite(statements_of_quads(quads)) == []


def test_no_sentence_of_the_text_is_copied_into_the_folder(page: Page, made: Path) -> None:
    sentences = [" ".join(s.span.cut(TEXT).split()) for s in Article(TEXT).sentences]
    runs = set()
    words = TEXT.split()
    for place in range(len(words) - 7):
        runs.add(" ".join(words[place : place + 8]))
    for path in made.rglob("*"):
        if path.is_file():
            held = " ".join(path.read_text("utf-8").split())
            assert not [run for run in runs if run in held], path
            assert not [s for s in sentences if len(s.split()) > 2 and s in held], path


def test_every_suggestion_pins_what_it_found(page: Page) -> None:
    assert {one.kind for one in page.suggestions} == {"verb", "quotation", "number", "time", "name"}
    for one in page.suggestions:
        words = TEXT[one.start : one.end]
        assert one.sha256 == hashlib.sha256(words.encode()).hexdigest()
        sentence = Article(TEXT).sentence_at(one.start)
        assert sentence is not None and sentence.id == one.sentence
        shown = one.words.removesuffix(" …")
        assert shown in " ".join(words.split())


def test_no_suggestion_can_be_loaded_before_it_is_completed(page: Page) -> None:
    prefixes = page.blocks[0]
    for one in page.suggestions:
        if one.kind in ("verb", "quotation", "number"):
            with pytest.raises(SyntaxError, match=r"\?"):
                list(pyoxigraph.parse(prefixes + one.turtle, RdfFormat.TURTLE))


def test_suggestions_are_no_part_of_the_graph_and_kept_out_of_git(page: Page, made: Path) -> None:
    assert "suggestions" not in {file.name.split("/")[0] for file in Folder(made).files()}
    assert (made / "suggestions" / ".gitignore").read_text().splitlines()[-1] == "*"


def test_a_verb_suggests_its_act_and_who_may_speak_and_when(page: Page) -> None:
    accused = page.find("P1S1", "verb", "accused").turtle
    assert "act:accuses" in accused and "mod:accusation" in accused
    denied = page.find("P3S1", "verb", "denied").turtle
    assert "act:denies" in denied and "mod:denial" in denied and "pol:negated" in denied
    told = page.text.partition("### Verb: `told`")[2].partition("### ")[0]
    assert "Who speaks? Perhaps `id:halloran` or `id:sorrel-water`." in told
    assert "`time:2031-06-16`" in told


def test_a_relay_suggests_a_chain_and_a_silence_a_statement_of_the_narrator(page: Page) -> None:
    reported = page.find("P4S1", "verb", "reported").turtle
    assert "rec:relays stmt:?statement" in reported and "rec:Claim" not in reported
    silence = page.find("P4S2", "verb", "gave no").turtle
    assert "stmt:p4s2-narrator-reports-silence" in silence
    assert "voice:article" in silence and "attr:narrator" in silence and "pol:negated" in silence


def test_a_headline_of_another_article_keeps_its_voice(page: Page) -> None:
    headline = page.find("R1S1", "quotation", "Water Before Profit").turtle
    assert "attr:headline" in headline and 'rec:quotedWords "Water Before Profit"' in headline


def test_a_number_suggests_the_figure_that_is_printed_and_its_hedge(page: Page) -> None:
    more = page.find("P2S1", "number", "more than 1,600").turtle
    for fact in ("rec:figure 1600", "rec:atLeast 1600", "bounds:stated", "hedge:more-than"):
        assert fact in more
    tens = page.find("P5S1", "number", "Tens of thousands").turtle
    assert "rec:figure" not in tens and "rec:atLeast 20000" in tens and "bounds:convention" in tens


def test_a_long_quotation_is_not_kept(run: Run, made: Path, tmp_path: Path) -> None:
    said = "We were at home that night and every night before it"
    (tmp_path / "long.txt").write_text(f'"{said}," Okello said.\n')
    assert run("new", "article", "long.txt", "--folder", "made").returncode == 0
    (page,) = (made / "suggestions").glob("*.md")
    assert said not in page.read_text("utf-8")
    assert "We were at home that …" in page.read_text("utf-8")


def test_a_second_run_overwrites_nothing(run: Run, article: Path, page: Page, made: Path) -> None:
    before = article.read_text()
    answer = run("new", "article", RESERVOIR, "--folder", "made")
    assert answer.returncode == 1
    assert f"{NAME}.ttl is there already, and is not overwritten." in answer.stderr
    assert article.read_text() == before
    article.unlink()
    answer = run("new", "article", RESERVOIR, "--folder", "made")
    assert answer.returncode == 1 and f"{NAME}.md is there already" in answer.stderr
    assert not article.exists()


def test_an_encoder_is_one_that_the_folder_declares(run: Run, made: Path) -> None:
    answer = run("new", "article", RESERVOIR, "--folder", "made", "--encoder", "id/nobody")
    assert answer.returncode == 1
    assert '"id/nobody" is no encoder of the folder; encoders: id/desk.' in answer.stderr
    assert not (made / "suggestions").exists() and not (made / "triples" / "articles").exists()
    assert run("new", "article", RESERVOIR, "--folder", "made", "--encoder", "id/desk").returncode == 0


def test_of_several_encoders_one_must_be_named(run: Run, made: Path) -> None:
    with (made / "triples" / "entities.ttl").open("a") as file:
        file.write('id:second a rec:Encoder ; rdfs:label "second"@en .\n')
    answer = run("new", "article", RESERVOIR, "--folder", "made")
    assert answer.returncode == 1 and "id/desk, id/second" in answer.stderr and "--encoder" in answer.stderr


def test_without_a_date_no_time_is_made_up(run: Run, made: Path) -> None:
    assert run("new", "article", RESERVOIR, "--folder", "made").returncode == 0
    skeleton = (made / "triples" / "articles" / f"{NAME}.ttl").read_text()
    assert "TimeSpan" not in skeleton and "documentTime" not in skeleton
    page = Page((made / "suggestions" / f"{NAME}.md").read_text("utf-8"))
    assert "rec:notBefore ?from" in page.find("P1S1", "time", "Wednesday").turtle


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "holds no text"), (b" \n\xef\xbb\xbf \n", "holds no text"), (b"a \xff b", "is not UTF-8 (byte 2)"),
     (b"a\0b", "holds no text"), (None, "cannot be read")],
)  # fmt: skip
def test_a_file_that_is_no_text_is_refused(
    run: Run, made: Path, tmp_path: Path, content: bytes | None, told: str
) -> None:
    if content is not None:
        (tmp_path / "odd.txt").write_bytes(content)
    answer = run("new", "article", "odd.txt", "--folder", "made")
    assert answer.returncode == 1
    assert told in answer.stderr and "Traceback" not in answer.stderr


def test_an_arabic_text_gets_sentences_and_names(run: Run, made: Path, tmp_path: Path) -> None:
    with (made / "triples" / "entities.ttl").open("a") as file:
        file.write('id:union a rec:Organization ; rdfs:label "اتحاد المزارعين"@ar .\n')
    text = "نفى اتحاد المزارعين ذلك. من فتح البوابات؟\n\nغادر ٧٬٥٠٠ شخص وقالوا «لسنا نحن».\n"
    (tmp_path / "ar.txt").write_text(text, encoding="utf-8")
    assert run("new", "article", "ar.txt", "--folder", "made").returncode == 0
    (path,) = (made / "suggestions").glob("*.md")
    page = Page(path.read_text("utf-8"))
    assert page.find("P1S1", "name", "اتحاد المزارعين").turtle == "id:union\n"
    assert "rec:figure 7500" in page.find("P2S1", "number", "٧٬٥٠٠").turtle
    assert "لسنا نحن" in page.find("P2S1", "quotation", "لسنا نحن").turtle
    assert re.search(r"^## P1S2: `span:25-41`", page.text, re.MULTILINE)
