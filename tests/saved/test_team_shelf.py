"""What a team saves: every version for ever, one meaning for a name with a number."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from onrecord.errors import ConflictError, NotFoundError, PreconditionError, StoreError
from onrecord.identity.roles import ANONYMOUS, ROLES, Identity
from onrecord.saved import SavedQuery, parse
from onrecord.saved.team import QueryShelf, compose, is_visible, split

INES = Identity("ines", "editor", ROLES["editor"], "1")
OMAR = Identity("omar", "reader", ROLES["reader"], "2")
ROOT = Identity("root", "admin", ROLES["admin"], "3")


def query(name: str, number: int = 1) -> SavedQuery:
    return parse(name, f"queries/{name}.rq", f"#+ summary: Number {number}.\nSELECT * {{ ?s ?p {number} }}\n")


@pytest.fixture
def shelf(tmp_path: Path) -> QueryShelf:
    return QueryShelf(tmp_path / "state")


def test_nothing_is_made_before_something_is_saved(shelf: QueryShelf, tmp_path: Path) -> None:
    assert shelf.records() == ()
    assert shelf.find("x") is None
    assert shelf.versions_of_name("x", "1") == []
    assert not (tmp_path / "state").exists()


def test_every_version_answers_by_number_and_by_hash(shelf: QueryShelf) -> None:
    record = shelf.create(query("x"), INES, "team", "first")
    for number in (2, 3):
        record = shelf.add_version(query("x", number), INES, record.revision, f"change {number}")
    assert record.newest == 3
    for number in (1, 2, 3):
        text = query("x", number)
        for which in (str(number), text.version):
            version = shelf.version(record, which)
            assert version is not None
            assert (version.number, version.text, version.who) == (number, text.text, "ines")
    assert shelf.version(record, "4") is None
    assert shelf.version(record, "0" * 12) is None
    assert shelf.version(record, "²") is None
    assert [v.message for v in shelf.history(record)[0]] == ["change 3", "change 2", "first"]


def test_the_same_text_again_is_no_version(shelf: QueryShelf) -> None:
    record = shelf.create(query("x"), INES, "team")
    assert shelf.add_version(query("x"), INES, record.revision).newest == 1


def test_a_change_to_another_state_is_refused(shelf: QueryShelf) -> None:
    record = shelf.create(query("x"), INES, "team")
    shelf.add_version(query("x", 2), INES, record.revision)
    with pytest.raises(PreconditionError, match="newest version is 2"):
        shelf.add_version(query("x", 3), OMAR, record.revision)
    with pytest.raises(NotFoundError):
        shelf.add_version(query("y"), INES, 1)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE version SET text = 'other'", "DELETE FROM version", "DELETE FROM permalink WHERE hash = 'a'"],
)
def test_the_database_itself_lets_nobody_change_a_version(
    shelf: QueryShelf, tmp_path: Path, statement: str
) -> None:
    shelf.create(query("x"), INES, "team")
    connection = sqlite3.connect(tmp_path / "state" / "saved" / "queries.sqlite")
    connection.execute("INSERT INTO permalink VALUES ('a', '{}', '')")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)
    connection.close()


def test_an_old_name_leads_to_its_query_and_is_nobody_elses(shelf: QueryShelf) -> None:
    shelf.create(query("x"), INES, "team")
    shelf.rename("x", "y", INES)
    assert shelf.find("x") is None
    successor = shelf.successor("x")
    assert successor is not None and successor.name == "y"
    with pytest.raises(ConflictError, match="was the name of another"):
        shelf.create(query("x", 2), INES, "team")
    assert shelf.rename("y", "x", INES).name == "x"
    assert shelf.successor("x") is None
    successor = shelf.successor("y")
    assert successor is not None and successor.name == "x"
    shelf.create(query("z"), INES, "team")
    with pytest.raises(ConflictError):
        shelf.rename("z", "x", INES)
    with pytest.raises(ConflictError):
        shelf.rename("z", "y", INES)


def test_a_folders_text_is_kept_when_it_changes_and_only_then(shelf: QueryShelf) -> None:
    assert shelf.note_folder([query("x"), query("y")], "g-1", "c0") == {"x": 1, "y": 1}
    assert shelf.note_folder([query("x"), query("y")], "g-2", "c1") == {"x": 1, "y": 1}
    assert shelf.note_folder([query("x", 2), query("y")], "g-3", "") == {"x": 2, "y": 1}
    record = shelf.find("x", "folder")
    assert record is not None
    first, second = reversed(shelf.history(record)[0])
    assert (first.generation, first.commit, first.text) == ("g-1", "c0", query("x").text)
    assert (second.generation, second.commit) == ("g-3", "")


def test_a_name_with_a_number_has_one_meaning_whoever_bears_the_name(shelf: QueryShelf) -> None:
    record = shelf.create(query("x", 1), INES, "team")
    shelf.add_version(query("x", 2), INES, record.revision)
    assert shelf.note_folder([query("x", 3)], "g-1", "") == {"x": 3}, "the folder brings the name later"
    assert [(r.origin, v.text) for r, v in shelf.versions_of_name("x", "2")] == [("team", query("x", 2).text)]
    assert [r.origin for r, _ in shelf.versions_of_name("x", "3")] == ["folder"]
    shelf.rename("x", "y", INES)
    shelf.note_folder([query("x", 4)], "g-2", "")
    assert shelf.add_version(query("y", 5), INES, None).newest == 3
    assert [r.origin for r, _ in shelf.versions_of_name("x", "4")] == ["folder"]
    assert [r.name for r, _ in shelf.versions_of_name("x", "1")] == ["y"]


def test_a_query_that_comes_back_from_the_folder_keeps_its_number(shelf: QueryShelf) -> None:
    record = shelf.create(query("x", 1), INES, "team")
    shelf.add_version(query("x", 2), INES, record.revision)
    assert shelf.note_folder([query("x", 2)], "g-1", "") == {"x": 2}


@pytest.mark.parametrize(
    ("visibility", "sees"),
    [
        ("private", {"ines": True, "omar": False, "root": True, "anonymous": False}),
        ("team", {"ines": True, "omar": True, "root": True, "anonymous": False}),
        ("public", {"ines": True, "omar": True, "root": True, "anonymous": True}),
    ],
)
def test_who_sees_a_query(shelf: QueryShelf, visibility: str, sees: dict[str, bool]) -> None:
    record = shelf.create(query("x"), INES, visibility)  # type: ignore[arg-type]
    assert {who.name: is_visible(record, who) for who in (INES, OMAR, ROOT, ANONYMOUS)} == sees


def test_many_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def save(worker: int) -> None:
        shelf = QueryShelf(tmp_path / "state")
        try:
            for number in range(5):
                shelf.create(query(f"q-{worker}-{number}"), INES, "team")
                shelf.records()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=save, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(QueryShelf(tmp_path / "state").records()) == 30


def test_a_damaged_database_is_named(shelf: QueryShelf, tmp_path: Path) -> None:
    shelf.create(query("x"), INES, "team")
    path = tmp_path / "state" / "saved" / "queries.sqlite"
    path.write_bytes(b"no database " * 400)
    with pytest.raises(StoreError, match=r"queries\.sqlite"):
        shelf.records()


HEADER = """# a comment before
#+ summary: Old.
#+ description: >-
#+   Two
#+   lines.
#+ parameters:
#+   who: {type: iri}
#+ tags: [a]
SELECT * { VALUES ?who { UNDEF } ?who ?p ?o }
"""


def test_fields_take_the_place_of_what_the_header_says_and_the_rest_stays() -> None:
    text = compose("x.rq", HEADER, {"summary": "New: with a colon.", "tags": ["b", "c, d"], "author": "ines"})
    header = parse("x", "x.rq", text).header
    assert (header.summary, header.tags, header.author) == ("New: with a colon.", ("b", "c, d"), "ines")
    assert header.description == "Two lines."
    assert [p.name for p in header.parameters] == ["who"]
    assert text.startswith("# a comment before\n")
    assert compose("x.rq", text, {"summary": header.summary, "tags": header.tags}) == text
    same = {"summary": "Old.", "description": "Two lines.", "tags": ["a"]}
    once = compose("x.rq", HEADER, same)
    assert ">-" in once, "what is the same keeps its letters"
    assert compose("x.rq", once, same | {"author": ""}) == once
    plain = split("x.rq", HEADER)
    assert "summary" not in plain and "Two" not in plain and "who: {type: iri}" in plain
    assert compose("x.rq", HEADER, {"description": ""}).count("lines.") == 0


@pytest.mark.parametrize(
    "title", ["yes", "- a", "#+ x", "[a", "'", '"', "a: b # c", "حوار", "1.50", "x" * 300]
)
def test_any_title_comes_back_as_it_was_typed(title: str) -> None:
    text = compose("x.rq", "ASK {}\r\n", {"summary": title, "description": title, "tags": [title]})
    header = parse("x", "x.rq", text).header
    assert (header.summary, header.description, header.tags) == (title, title, (title,))


def test_parameters_from_json_become_a_header() -> None:
    given = {"day": {"type": "enumeration", "values": ["a", "b"], "required": True}}
    (parameter,) = parse(
        "x", "x.rq", compose("x.rq", "ASK {}", {"summary": "S.", "parameters": given})
    ).parameters
    assert (parameter.name, parameter.values, parameter.required) == ("day", ("a", "b"), True)
