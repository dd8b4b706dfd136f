"""`onrecord span`: where words stand, or where the nearest do."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pyoxigraph
from pyoxigraph import RdfFormat
from tests.authoring.conftest import RESERVOIR, Run

TEXT = RESERVOIR.read_text("utf-8")
NAME = hashlib.sha256(TEXT.encode()).hexdigest()[:8]


def test_words_are_found_across_a_line_break_and_in_other_quotation_marks(run: Run) -> None:
    answer = run("span", RESERVOIR, '"armed men" had come to the dam')
    assert answer.returncode == 0, answer.stderr
    start = TEXT.index("“armed")
    end = TEXT.index("to the dam at") + len("to the dam")
    digest = hashlib.sha256(TEXT[start:end].encode()).hexdigest()
    lines = [line.split() for line in answer.stdout.splitlines()[:4]]
    assert lines == [["start", str(start)], ["end", str(end)], ["sha256", digest], ["sentence", "P2S1"]]
    assert f"span:{start}-{end} a rec:TextSpan ;" in answer.stdout
    assert "rec:encodedBy id:?encoder ;" in answer.stdout


def test_with_a_folder_the_record_is_complete_and_fits_the_articles_file(run: Run, made: Path) -> None:
    run("new", "article", RESERVOIR, "--folder", "made", "--date", "2031-06-19")
    answer = run("span", RESERVOIR, "touched the gates", "--folder", "made")
    file = made / "triples" / "articles" / f"{NAME}.ttl"
    record = answer.stdout.partition("\n\n")[2]
    before = len(list(pyoxigraph.parse(path=file, format=RdfFormat.TURTLE)))
    after = list(pyoxigraph.parse(file.read_text("utf-8") + record, RdfFormat.TURTLE))
    assert len(after) == before + 10


def test_words_that_stand_in_several_places_list_them_and_the_nth_can_be_chosen(run: Run) -> None:
    every = run("span", RESERVOIR, "said")
    places = [match.start() for match in re.finditer("said", TEXT)]
    assert every.returncode == 1 and not every.stdout
    assert f"stands {len(places)} times" in every.stderr and "--nth" in every.stderr
    assert all(f"{place} to {place + 4}" in every.stderr for place in places)
    second = run("span", RESERVOIR, "said", "--nth", "2")
    assert second.stdout.splitlines()[0].split() == ["start", str(places[1])]
    beyond = run("span", RESERVOIR, "said", "--nth", "9")
    assert beyond.returncode == 1 and f"stands {len(places)} times" in beyond.stderr


def test_a_part_of_a_word_is_found_only_where_no_whole_word_is(run: Run) -> None:
    whole = run("span", RESERVOIR, "cut")
    assert whole.stdout.splitlines()[0].split() == ["start", str(TEXT.index("nobody cut") + 7)]
    assert run("span", RESERVOIR, "eservoi").returncode == 1
    assert run("span", RESERVOIR, "oreman at the d").returncode == 0


def test_words_that_do_not_stand_in_it_name_the_nearest(run: Run) -> None:
    answer = run("span", RESERVOIR, "the chains had been rusting through")
    assert answer.returncode == 1
    assert '"the chains had been rusting through" does not stand in the text.' in answer.stderr
    assert 'The nearest are "the chains had been rusted through" (P6S1, ' in answer.stderr


def test_other_capitals_are_found_where_the_given_ones_are_not(run: Run) -> None:
    assert run("span", RESERVOIR, "sorrel water co.").returncode == 0


def test_of_a_whole_sentence_fewer_words_are_kept_than_it_has(run: Run) -> None:
    answer = run("span", RESERVOIR, '"Not us."')
    assert "sentence P3S3 (all of it)" in answer.stdout
    assert 'rec:anchor "\\"Not" ;' in answer.stdout


def test_an_article_half_written_does_not_keep_an_author_from_asking(run: Run, made: Path) -> None:
    run("new", "article", RESERVOIR, "--folder", "made", "--date", "2031-06-19")
    with (made / "triples" / "articles" / f"{NAME}.ttl").open("a") as file:
        file.write("claim:?claim a rec:Claim .\n")
    answer = run("span", RESERVOIR, "rusted through", "--folder", "made")
    assert answer.returncode == 0, answer.stderr
    assert "rec:encodedBy id:desk ;" in answer.stdout


def test_no_words_are_refused(run: Run) -> None:
    answer = run("span", RESERVOIR, " ")
    assert answer.returncode == 1 and "No words are given." in answer.stderr
