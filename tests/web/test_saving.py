"""Saving by API and by form: who may, what is refused, and that nothing typed is lost."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from tests.web.conftest import ABOUT, StoreEngine
from tests.web.test_audit import lines
from tests.web.test_sign_in import HTML, field_of, sign_in
from tests.web.test_tokens import bearer

from onrecord.folder import Folder
from onrecord.identity.tokens import TokenBook

TEXT = """PREFIX rec: <https://w3id.org/onrecord/ns#>
SELECT ?claim WHERE { ?claim a rec:Claim } ORDER BY ?claim
"""
PARAMETRIZED = """#+ parameters:
#+   thing: {type: iri, label: Thing}
PREFIX rec: <https://w3id.org/onrecord/ns#>
SELECT ?claim WHERE {
  VALUES ?thing { UNDEF }
  ?claim rec:subject ?thing .
}
ORDER BY ?claim
"""
MISPLACED = """#+ parameters:
#+   thing: {type: iri, label: Thing}
PREFIX rec: <https://w3id.org/onrecord/ns#>
SELECT * WHERE {
  ?claim a rec:Claim .
  OPTIONAL { VALUES ?thing { UNDEF } ?claim rec:subject ?thing . }
}
"""


@pytest.fixture
def ines(book: TokenBook) -> dict[str, str]:
    return bearer(book.create("editor", "ines")[1])


@pytest.fixture
def omar(book: TokenBook) -> dict[str, str]:
    return bearer(book.create("reader", "omar")[1])


def save(client: FlaskClient, sender: dict[str, str], name: str = "claims", **fields: object):
    body = {"name": name, "title": "All claims.", "text": TEXT, "visibility": "public"} | fields
    return client.post("/queries", json=body, headers=sender)


def test_what_is_saved_answers_at_its_address_in_every_format(
    guarded: FlaskClient, ines: dict[str, str]
) -> None:
    response = save(guarded, ines, tags=["talk"], description="What was said.")
    assert response.status_code == 201
    assert response.headers["Location"] == "/queries/claims"
    told = response.json
    assert (told["version"], told["author"], told["tags"]) == (1, "ines", ["talk"])
    assert "claim/open" in guarded.get("/queries/claims.csv").text
    assert guarded.get("/queries/claims@1.csv").status_code == 200
    text = guarded.get("/queries/claims.rq")
    assert (
        text.text
        == "#+ summary: All claims.\n#+ description: What was said.\n#+ tags: [talk]\n#+ author: ines\n"
        + TEXT
    )
    page = guarded.get("/queries/claims", headers=HTML).text
    assert "By <bdi>ines</bdi>" in page
    (listed,) = [q for q in guarded.get("/queries.json").json["queries"] if q["name"] == "claims"]
    assert (listed["author"], listed["origin"], listed["number"]) == ("ines", "team", 1)
    assert "All claims" in guarded.get("/queries", headers=HTML).text


def test_only_editors_save_and_each_save_is_told_in_the_audit_log(
    guarded: FlaskClient, ines: dict[str, str], omar: dict[str, str], state: Path
) -> None:
    assert save(guarded, {}).status_code == 401
    assert save(guarded, omar).status_code == 403
    assert guarded.get("/queries/claims").status_code == 404
    assert save(guarded, ines).status_code == 201
    told = [(e["who"], e["action"], e["path"], e["outcome"]) for e in lines(state)]
    assert told == [
        ("anonymous", "write", "/queries", 401),
        ("omar", "write", "/queries", 403),
        ("ines", "write", "/queries", 201),
    ]
    assert not any("SELECT" in str(e) for e in lines(state))


def test_a_new_version_needs_to_know_the_one_before(guarded: FlaskClient, ines: dict[str, str]) -> None:
    tag = save(guarded, ines).headers["ETag"]
    assert guarded.get("/queries/claims.rq").headers["ETag"] == tag
    body = {"text": TEXT + "LIMIT 1", "title": "One claim.", "message": "fewer"}
    assert guarded.put("/queries/claims", json=body, headers=ines).status_code == 428
    wrong = guarded.put("/queries/claims", json=body, headers=ines | {"If-Match": '"1-0123456789ab"'})
    assert wrong.status_code == 412
    weak = guarded.put("/queries/claims", json=body, headers=ines | {"If-Match": f"W/{tag}"})
    assert weak.status_code == 412
    done = guarded.put("/queries/claims", json=body, headers=ines | {"If-Match": tag})
    assert done.status_code == 200
    assert done.json["version"] == 2
    again = guarded.put("/queries/claims", json=body, headers=ines | {"If-Match": tag})
    assert again.status_code == 412
    assert guarded.get("/queries/claims@1.csv").text.count("\n") == 3
    assert guarded.get("/queries/claims@2.csv").text.count("\n") == 2
    assert guarded.get("/queries/claims.csv").text.count("\n") == 2
    page = guarded.get("/queries/claims@1", headers=HTML).text
    assert "version 1 of this question" in page
    assert 'href="/queries/claims@1.csv"' in page


def test_the_text_itself_may_be_sent(guarded: FlaskClient, ines: dict[str, str]) -> None:
    sparql = ines | {"Content-Type": "application/sparql-query"}
    text = "#+ summary: Anything?\nASK { ?s ?p ?o }\n"
    made = guarded.post("/queries?name=anything&visibility=public", data=text, headers=sparql)
    assert made.status_code == 201, made.text
    done = guarded.put(
        "/queries/anything?message=nothing", data=text.replace("?o", "7"), headers=sparql | {"If-Match": "*"}
    )
    assert done.json["version"] == 2
    history = guarded.get("/queries/anything/history").json
    assert [v["message"] for v in history["versions"]] == ["nothing", ""]


def test_who_sees_it_is_no_part_of_the_text(guarded: FlaskClient, ines: dict[str, str]) -> None:
    parameters = {"thing": {"type": "iri"}}
    text = PARAMETRIZED.partition("PREFIX")[2]
    made = save(guarded, ines, text="PREFIX" + text, parameters=parameters, description="Said.")
    match = ines | {"If-Match": made.headers["ETag"]}
    done = guarded.patch("/queries/claims", json={"visibility": "team"}, headers=match)
    assert (done.json["version"], done.json["visibility"]) == (1, "team")


def test_what_is_told_can_be_changed_without_the_text(guarded: FlaskClient, ines: dict[str, str]) -> None:
    tag = save(guarded, ines).headers["ETag"]
    assert guarded.patch("/queries/claims", json={"visibility": "team"}, headers=ines).status_code == 428
    match = ines | {"If-Match": tag}
    assert guarded.patch("/queries/claims", json={"text": "ASK {}"}, headers=match).status_code == 400
    done = guarded.patch(
        "/queries/claims",
        json={"title": "Every claim.", "tags": ["a"], "visibility": "private"},
        headers=match,
    ).json
    assert (done["title"], done["tags"], done["visibility"], done["version"]) == (
        "Every claim.",
        ["a"],
        "private",
        2,
    )
    assert TEXT in guarded.get("/queries/claims.rq", headers=ines).text


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"text": MISPLACED}, 422, "OPTIONAL"),
        ({"text": "SELECT * {"}, 400, "Line 3, column 10"),
        ({"text": "INSERT DATA { <urn:a> <urn:b> 1 }"}, 400, "this is no query"),
        ({"text": "SELECT * { ?s ?p ?o FILTER(<urn:no-function>(?s) }"}, 400, "column"),
        ({"text": ""}, 400, "no text"),
        ({"title": ""}, 400, "summary"),
        ({"text": "#+ nonsense: 1\n" + TEXT}, 400, "nonsense"),
        ({"name": "Über"}, 400, "Über"),
        ({"name": "new"}, 400, "new"),
        ({"name": "../x"}, 400, "../x"),
        ({"name": ""}, 400, "name"),
        ({"name": "who-said"}, 409, "folder"),
        ({"visibility": "secret"}, 400, "private, team, public"),
        ({"tags": 7}, 400, "tags"),
        ({"colour": "red"}, 400, "colour"),
        ({"message": "x" * 501}, 400, "500"),
        ({"title": "a\u0000b"}, 400, "control character"),
        ({"text": "#" * 300_000 + "\nASK {}"}, 400, "too long"),
    ],
)
def test_what_cannot_be_saved_is_refused_with_the_remedy(
    guarded: FlaskClient, ines: dict[str, str], fields: dict[str, object], status: int, said: str
) -> None:
    response = save(guarded, ines, **fields)
    assert response.status_code == status, response.text
    assert said in json.loads(response.data)["detail"]
    assert len(guarded.get("/queries.json", headers=ines).json["queries"]) == 3


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_none_is_refused(guarded: FlaskClient, ines: dict[str, str], body: bytes) -> None:
    headers = ines | {"Content-Type": "application/json"}
    assert guarded.post("/queries", data=body, headers=headers).status_code == 400
    assert guarded.post("/queries", data=body, headers=ines | {"Content-Type": "text/plain"}).status_code in (
        400,
        415,
    )


def test_a_private_query_is_there_for_its_author_alone(
    guarded: FlaskClient, ines: dict[str, str], omar: dict[str, str], book: TokenBook
) -> None:
    other = bearer(book.create("editor", "zoe")[1])
    admin = bearer(book.create("admin", "root")[1])
    tag = save(guarded, ines, visibility="private").headers["ETag"]
    for path in ("/queries/claims", "/queries/claims.csv", "/queries/claims@1.csv", "/queries/claims/history",
                 "/queries/claims/diff"):  # fmt: skip
        assert guarded.get(path, headers=ines).status_code == 200, path
        assert guarded.get(path, headers=admin).status_code == 200, path
        for sender in ({}, omar, other):
            assert guarded.get(path, headers=sender).status_code == 404, path
    for sender in (omar, other, {}):
        names = [q["name"] for q in guarded.get("/queries.json", headers=sender).json["queries"]]
        assert "claims" not in names
    put = guarded.put("/queries/claims", json={"text": TEXT}, headers=other | {"If-Match": tag})
    assert put.status_code == 404
    for action in ("rename", "archive", "restore", "fork"):
        assert (
            guarded.post(f"/queries/claims/{action}", json={"name": "mine"}, headers=other).status_code == 404
        )


def test_a_query_of_the_team_is_shown_to_whoever_has_a_token(
    guarded: FlaskClient, ines: dict[str, str], omar: dict[str, str]
) -> None:
    save(guarded, ines, visibility="team")
    assert guarded.get("/queries/claims.csv", headers=omar).status_code == 200
    assert guarded.get("/queries/claims.csv").status_code == 404
    cached = guarded.get("/queries/claims.csv", headers=omar).headers["Cache-Control"]
    assert "private" in cached


def test_an_old_name_leads_to_the_new_one_with_all_that_follows(
    guarded: FlaskClient, ines: dict[str, str]
) -> None:
    save(guarded, ines)
    done = guarded.post("/queries/claims/rename", json={"name": "all-claims"}, headers=ines)
    assert done.json["name"] == "all-claims"
    moved = guarded.get("/queries/claims@1.csv?_limit=1&_labels=ar")
    assert moved.status_code == 308
    assert moved.headers["Location"].endswith("/queries/all-claims@1.csv?_limit=1&_labels=ar")
    assert guarded.get("/queries/claims", follow_redirects=True).status_code == 200
    assert save(guarded, ines).status_code == 409
    assert guarded.post("/queries/who-said/rename", json={"name": "z"}, headers=ines).status_code == 409
    assert guarded.post("/queries/nothing/rename", json={"name": "z"}, headers=ines).status_code == 404


def test_an_archived_query_is_gone_and_its_versions_are_not(
    guarded: FlaskClient, ines: dict[str, str]
) -> None:
    save(guarded, ines)
    assert guarded.post("/queries/claims/archive", json={"message": "done"}, headers=ines).json["archived"]
    gone = guarded.get("/queries/claims.csv")
    assert gone.status_code == 410
    assert "claims@1" in gone.json["detail"]
    page = guarded.get("/queries/claims", headers=HTML)
    assert page.status_code == 410
    assert 'href="/queries/claims/history"' in page.text
    assert guarded.get("/queries/claims@1.csv").status_code == 200
    assert 'href="/queries/claims"' not in guarded.get("/queries", headers=HTML).text
    events = guarded.get("/queries/claims/history").json["events"]
    assert (events[0]["what"], events[0]["who"], events[0]["message"]) == ("archived", "ines", "done")
    assert save(guarded, ines).status_code == 409
    assert guarded.delete("/queries/claims", headers=ines).status_code == 405
    guarded.post("/queries/claims/restore", headers=ines)
    assert guarded.get("/queries/claims.csv").status_code == 200


def test_a_query_of_the_folder_is_changed_by_a_copy(guarded: FlaskClient, ines: dict[str, str]) -> None:
    refused = guarded.put("/queries/about", json={"text": TEXT}, headers=ines | {"If-Match": "*"})
    assert refused.status_code == 409
    assert "queries/about.rq" in refused.json["detail"]
    assert "fork" in refused.json["detail"]
    made = guarded.post(
        "/queries/about/fork", json={"name": "about-two", "visibility": "public"}, headers=ines
    )
    assert made.status_code == 201, made.text
    assert made.json["forkedFrom"] == "about@1"
    text = guarded.get("/queries/about-two.rq").text
    assert text.replace("#+ author: ines\n", "") == ABOUT
    assert guarded.get("/queries/about-two/history").json["forkedFrom"] == "about@1"


def test_the_folder_has_a_history_too(
    guarded: FlaskClient, engine: StoreEngine, quay: Folder, ines: dict[str, str]
) -> None:
    assert guarded.get("/queries/about@1.rq").text == ABOUT
    path = quay.queries / "about.rq"
    path.write_text(ABOUT.replace("one thing", "a thing"), encoding="utf-8")
    engine.number += 1
    history = guarded.get("/queries/about/history").json
    assert [(v["version"], v["generation"]) for v in history["versions"]] == [
        (2, "5f0c1d2e-2"),
        (1, "5f0c1d2e-1"),
    ]
    assert guarded.get("/queries/about@1.rq").text == ABOUT
    assert guarded.get(f"/queries/about@{history['versions'][1]['hash']}.rq").text == ABOUT
    path.unlink()
    engine.number += 1
    assert guarded.get("/queries/about").status_code == 410
    assert guarded.get("/queries/about@1.rq").text == ABOUT
    assert guarded.get("/queries/about/history").status_code == 200


def test_the_folder_wins_a_name_and_the_catalogue_says_so(
    guarded: FlaskClient, engine: StoreEngine, quay: Folder, ines: dict[str, str]
) -> None:
    save(guarded, ines)
    (quay.queries / "claims.rq").write_text("#+ summary: Of the folder.\nASK {}\n", encoding="utf-8")
    engine.number += 1
    assert guarded.get("/queries/claims.rq").text.startswith("#+ summary: Of the folder.")
    document = guarded.get("/queries.json").json
    assert any("claims: the folder has" in finding for finding in document["findings"])
    assert TEXT in guarded.get("/queries/claims@1.rq").text
    assert guarded.get("/queries/claims@2.rq").text.startswith("#+ summary: Of the folder.")
    assert guarded.post("/queries/claims/rename", json={"name": "claims-2"}, headers=ines).status_code == 200
    assert TEXT in guarded.get("/queries/claims-2.rq").text
    assert guarded.get("/queries/claims.rq").text.startswith("#+ summary: Of the folder.")


def test_the_difference_of_two_texts_is_told_line_by_line(guarded: FlaskClient, ines: dict[str, str]) -> None:
    tag = save(guarded, ines).headers["ETag"]
    changed = TEXT.replace("ORDER BY ?claim", "ORDER BY DESC(?claim)")
    guarded.put(
        "/queries/claims", json={"text": changed, "title": "All claims."}, headers=ines | {"If-Match": tag}
    )
    for path in ("/queries/claims/diff", "/queries/claims/diff?from=1&to=2"):
        document = guarded.get(path).json
        assert (document["from"], document["to"], document["same"]) == (1, 2, False)
        marks = [(line["mark"], "DESC" in line["text"]) for line in document["lines"]]
        assert [mark for mark in marks if mark[0] != "same"] == [("removed", False), ("added", True)]
    page = guarded.get("/queries/claims/diff?from=1&to=2", headers=HTML).text
    assert '<span class="is-added">+ SELECT' in page
    assert guarded.get("/queries/claims/diff?from=7").status_code == 404
    assert guarded.get("/queries/claims/diff?fro=1").status_code == 400


# By form


@pytest.fixture
def desk(guarded: FlaskClient, book: TokenBook) -> FlaskClient:
    """A browser in which an editor is signed in."""
    assert sign_in(guarded, book.create("editor", "<i>zoe</i>")[1]).status_code == 303
    return guarded


def form(client: FlaskClient, path: str) -> dict[str, str]:
    """The hidden fields of the page's own form."""
    page = client.get(path, headers=HTML)
    assert page.status_code == 200, page.text
    main = page.text.partition("<main")[2]
    return {
        unescape(n): unescape(v) for n, v in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', main)
    }


def test_a_form_saves_and_leads_to_the_page(desk: FlaskClient) -> None:
    hidden = form(desk, "/queries/new")
    fields = {"name": "things", "title": "Things.", "description": "", "tags": "a, b", "visibility": "public"}
    done = desk.post(
        "/queries", data=hidden | fields | {"text": PARAMETRIZED.replace("\n", "\r\n")}, headers=HTML
    )
    assert done.status_code == 303, done.text
    page = desk.get(done.headers["Location"], headers=HTML).text
    assert "&lt;i&gt;zoe&lt;/i&gt;" in page
    assert "<i>zoe" not in page
    assert '<label for="p-thing">Thing' in page
    assert 'href="/queries/things/edit"' in page


def test_a_form_that_is_refused_keeps_what_was_typed(desk: FlaskClient) -> None:
    hidden = form(desk, "/queries/new")
    fields = {"name": "things", "title": "A <b>title</b>", "tags": "x, y", "message": "why"}
    refused = desk.post("/queries", data=hidden | fields | {"text": "\n" + MISPLACED}, headers=HTML)
    assert refused.status_code == 422
    assert "it filters nothing" in refused.text
    for typed in ("things", "A &lt;b&gt;title&lt;/b&gt;", "x, y", "why"):
        assert f'value="{typed}"' in refused.text
    area = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', refused.text, re.DOTALL)
    assert area is not None
    assert unescape(area[1]) == "\n" + MISPLACED


def test_two_editors_do_not_overwrite_each_other(desk: FlaskClient, ines: dict[str, str]) -> None:
    save(desk, ines)
    hidden = form(desk, "/queries/claims/edit")
    tag = desk.get("/queries/claims.rq").headers["ETag"]
    desk.put(
        "/queries/claims", json={"text": TEXT + "LIMIT 1", "title": "T."}, headers=ines | {"If-Match": tag}
    )
    late = hidden | {"title": "Mine.", "text": TEXT + "LIMIT 2"}
    for _ in range(2):
        refused = desk.post("/queries/claims/edit", data=late, headers=HTML)
        assert refused.status_code == 412
        assert "LIMIT 2" in refused.text, "what was typed is still there"
        again = re.search(r'name="if_match" value="([^"]+)"', refused.text)
        assert again is not None
        late["if_match"] = unescape(again[1])
    assert "LIMIT 1" in desk.get("/queries/claims.rq").text


def test_the_form_of_a_query_holds_what_it_says(desk: FlaskClient, ines: dict[str, str]) -> None:
    save(desk, ines, text=PARAMETRIZED, description="Said <of> things.", tags=["a", "b"])
    hidden = form(desk, "/queries/claims/edit")
    page = desk.get("/queries/claims/edit", headers=HTML).text
    assert 'value="All claims."' in page
    assert 'value="a, b"' in page
    assert "Said &lt;of&gt; things." in page
    area = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert area is not None and unescape(area[1]) == PARAMETRIZED
    fields = {
        "title": "All claims.",
        "description": "",
        "tags": "b",
        "text": PARAMETRIZED,
        "visibility": "team",
    }
    assert desk.post("/queries/claims/edit", data=hidden | fields, headers=HTML).status_code == 303
    (listed,) = [q for q in desk.get("/queries.json").json["queries"] if q["name"] == "claims"]
    assert (listed["tags"], listed["description"], listed["visibility"]) == (["b"], "", "team")
    assert listed["author"] == "ines", "another editor's change does not take the author away"


def test_a_copy_a_new_name_and_the_archive_are_forms_too(desk: FlaskClient, ines: dict[str, str]) -> None:
    save(desk, ines)
    hidden = form(desk, "/queries/new?from=claims@1")
    assert hidden["from"] == "claims@1"
    copied = desk.post(
        "/queries", data=hidden | {"name": "copy", "title": "Copy.", "text": TEXT}, headers=HTML
    )
    assert copied.status_code == 303
    assert desk.get("/queries/copy/history").json["forkedFrom"] == "claims@1"
    token = {"_csrf": hidden["_csrf"]}
    assert desk.post("/queries/copy/rename", data=token | {"name": "other"}, headers=HTML).status_code == 303
    gone = desk.post("/queries/other/archive", data=token | {"message": "old"}, headers=HTML)
    assert gone.headers["Location"] == "/queries/other/history"
    assert "Restore it" in desk.get("/queries/other/history", headers=HTML).text
    assert desk.post("/queries/other/restore", data=token, headers=HTML).status_code == 303


@pytest.mark.parametrize(
    "path", ["/queries", *(f"/queries/claims/{a}" for a in ("edit", "rename", "fork", "archive", "restore"))]
)
def test_a_form_of_another_site_changes_nothing(desk: FlaskClient, ines: dict[str, str], path: str) -> None:
    save(desk, ines)
    body = urlencode({"name": "stolen", "text": TEXT, "title": "T."})
    content_type = "application/x-www-form-urlencoded"
    assert desk.post(path, data=body, content_type=content_type).status_code == 403
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    field = field_of(desk.get("/", headers=HTML).text)
    assert (
        desk.post(path, data=f"{body}&_csrf={field}", content_type=content_type, headers=foreign).status_code
        == 401
    )
    assert desk.get("/queries/stolen").status_code == 404


def test_a_text_typed_at_the_endpoint_is_carried_into_the_form(desk: FlaskClient) -> None:
    page = desk.get("/queries/new?" + urlencode({"query": TEXT}), headers=HTML).text
    assert unescape(page).count(TEXT) == 1


def test_without_a_store_nothing_can_be_saved(client: FlaskClient) -> None:
    assert client.post("/queries", json={}).status_code == 401
    assert "Save a question" not in client.get("/queries", headers=HTML).text
    assert "History" not in client.get("/queries/about", headers=HTML).text
    assert client.get("/queries/about/history").status_code == 404
