"""Pages in other languages: whole catalogues, plural forms, headers, no answer in the wrong language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

import onrecord.web
from onrecord.claims import FILTERS
from onrecord.errors import OnrecordError
from onrecord.web.catalogue_listing import SORTS
from onrecord.web.catalogues import Catalogues, Tongue
from onrecord.web.home import _COUNTED
from onrecord.web.page_language import ENGLISH_ONLY

WEB = Path(onrecord.web.__file__).parent
CATALOGUES = sorted((WEB / "translations").glob("*.po"))
PAGE = {"Accept": "text/html"}
ARABIC = {**PAGE, "Accept-Language": "ar-SY,en;q=0.5"}
Message = str | tuple[str, str]


def kinds_of_errors(kind: type[OnrecordError]) -> Iterator[type[OnrecordError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from kinds_of_errors(child)


def messages_of_pages() -> set[Message]:
    """Everything that templates, marked texts of the code, filters, orders and errors say on pages."""
    found: set[Message] = {(one, many) for _, one, many in _COUNTED}
    for file, _line, message, _comments, _context in extract_from_dir(
        WEB,
        [("templates/**.html", "jinja2.ext.babel_extract"), ("**.py", "python")],
        {"templates/**.html": {"newstyle_gettext": "true"}},
        {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None},
    ):
        if Path(file).name not in ENGLISH_ONLY:
            found.add(message if isinstance(message, str) else (message[0], message[1]))
    counted = {words for _, *both in _COUNTED for words in both}
    errors = (kind.title for kind in kinds_of_errors(OnrecordError))
    return {m for m in (*found, *FILTERS.values(), *SORTS.values(), *errors) if m not in counted}


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_has_every_message_and_no_other(path: Path) -> None:
    catalogue = read(path)
    known = {message.id for message in catalogue if message.id}
    wanted = messages_of_pages()
    assert wanted - known == set(), "missing"
    assert known - wanted == set(), "said on no page"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_translation_is_there_and_names_the_values_of_its_source(path: Path) -> None:
    for message in read(path):
        if not message.id:
            continue
        told = message.string if isinstance(message.string, tuple) else (message.string,)
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        assert not message.fuzzy and all(told), message.id
        allowed = set(re.findall(r"%\(\w+\)s", " ".join(sources)))
        for text in told:
            values = set(re.findall(r"%\(\w+\)s", text))
            # A form for one or two may leave out the number, a single message nothing.
            assert values <= allowed and (len(told) > 1 or values == allowed), text
            tags = re.findall(r"</?[a-z]+", sources[-1])
            assert all(text.count(tag) >= tags.count(tag) for tag in tags), text


@pytest.mark.parametrize(
    "path",
    [p for p in sorted((WEB / "templates").glob("*.html")) if p.name not in ENGLISH_ONLY],
    ids=lambda p: p.stem,
)
def test_no_template_says_anything_that_is_not_marked(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    text = re.sub(
        r"\{#.*?#\}|\{% trans\b.*?\{% endtrans %\}|<pre\b.*?</pre>|\{% set attributes %\}.*?\{% endset %\}",
        "",
        text,
        flags=re.DOTALL,
    )
    literals = [
        literal
        for code in re.findall(r"\{\{.*?\}\}", text, flags=re.DOTALL)
        for literal in re.findall(r"(?<!_\()'([A-Z][a-z]+(?: [a-z]+)*| [a-z ]+)'", code)
    ]
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL)
    spoken = re.findall(r'\b(?:data-heading|aria-label|placeholder)="([^"]*)"', text)
    spoken += [re.sub(r"&\w+;", "", part) for part in re.sub(r"<[^>]*>", "\0", text).split("\0")]
    unmarked = [*literals, *(part.strip() for part in spoken if re.search(r"[A-Za-z]{2}", part))]
    names = {"voice-", "Onrecord", "SHA-256", "SPARQL", ".rq", ".bib", "Content-Type"}
    assert [part for part in unmarked if part not in names] == []


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "لا صفوف"),
        (1, "صف واحد"),
        (2, "صفان"),
        (3, "3 صفوف"),
        (11, "11 صفًا"),
        (99, "99 صفًا"),
        (100, "100 صف"),
        (103, "103 صفوف"),
        (1111, "1111 صفًا"),
    ],
)
def test_arabic_counts_in_six_forms(number: int, told: str) -> None:
    catalogues = Catalogues(WEB / "translations")
    arabic = catalogues.find("ar")
    assert arabic == Tongue("ar", "العربية", "rtl")
    form = catalogues.messages(arabic).ngettext("%(told)s row", "%(told)s rows", number)
    assert form % {"told": number} == told


def test_accept_language_chooses_and_the_address_overrules(client: FlaskClient) -> None:
    for path, headers, code, side in (
        ("/", ARABIC, "ar", "rtl"),
        ("/", PAGE, "en", "ltr"),
        ("/?_lang=ar", PAGE, "ar", "rtl"),
        ("/?_lang=en", ARABIC, "en", "ltr"),
        ("/", {**PAGE, "Accept-Language": "fr, ar;q=0.5"}, "ar", "rtl"),
    ):
        answer = client.get(path, headers=headers)
        assert f'<html lang="{code}" dir="{side}">' in answer.text
        assert answer.headers["Content-Language"] == code
        assert {"Accept", "Accept-Language"} <= set(answer.vary)


def test_links_forms_and_the_switch_keep_the_language_of_the_address(client: FlaskClient) -> None:
    text = client.get("/claims?_lang=ar&speaker=id%2Fa", headers=PAGE).text
    assert 'href="/contradictions?_lang=ar"' in text
    assert (
        text.count('<input type="hidden" name="_lang" value="ar">') == 2
    )  # the search of the head, the filter
    assert 'hreflang="en" dir="auto">English</a>' in text
    assert 'href="/claims?speaker=id/a&amp;_lang=en"' in text.replace("%2F", "/")
    assert re.search(r'hreflang="ar" dir="auto" aria-current="true">العربية</a>', text)
    plain = client.get("/claims", headers=ARABIC).text
    assert 'href="/contradictions"' in plain
    assert '<link rel="alternate" hreflang="en" href="/claims?_lang=en">' in plain


def test_a_page_for_operators_is_in_english_and_says_so(client: FlaskClient) -> None:
    answer = client.get("/sparql", headers=ARABIC)
    assert '<html lang="en" dir="ltr">' in answer.text
    assert answer.headers["Content-Language"] == "en"
    assert "العربية" not in answer.text


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/generations", "إصدارات البيانات"),
        ("/generations/1", "بصمة المحتوى"),
        ("/queries/who-said/cite", "ما تستند إليه"),
        ("/queries/who-said/cite?_verify=" + "0" * 64, "ليست النتيجة نفسها"),
        ("/queries/who-said/history", "تاريخ who-said"),
        ("/queries/who-said/diff?from=1&to=1", "النصان متطابقان"),
        ("/queries/who-said/compare?_from=1", "هما متطابقتان"),
    ],
)
def test_what_a_result_rests_on_is_told_in_arabic_too(guarded: FlaskClient, path: str, told: str) -> None:
    page = guarded.get(path, headers=ARABIC)
    assert page.status_code == 200
    assert '<html lang="ar" dir="rtl">' in page.text and told in page.text
    named = guarded.get(f"{path}{'&' if '?' in path else '?'}_lang=ar", headers=PAGE)
    assert named.status_code == 200 and told in named.text
    assert not re.search(r'href="[^"]*\.(?:json|csv|ttl|bib|link)[^"]*_lang=', named.text), (
        "data has no language"
    )
    assert '<html lang="en" dir="ltr">' in guarded.get(path, headers=PAGE).text


def test_a_problem_is_told_in_the_language_of_the_reader_and_its_detail_is_marked_as_english(
    client: FlaskClient,
) -> None:
    answer = client.get("/id/nobody-at-all", headers=ARABIC)
    assert answer.status_code == 404
    assert "غير موجود" in answer.text
    assert '<p class="lede" lang="en" dir="ltr">' in answer.text
    assert client.get("/?_lang=-", headers=ARABIC).status_code < 500


@pytest.mark.parametrize("path", ["/queries/who-said", "/claims"])
def test_a_tag_of_one_language_is_never_a_tag_of_another(client: FlaskClient, path: str) -> None:
    english, arabic = (client.get(path, headers={**PAGE, "Accept-Language": code}) for code in ("en", "ar"))
    assert english.headers["ETag"] != arabic.headers["ETag"]
    told = {**ARABIC, "If-None-Match": english.headers["ETag"]}
    assert client.get(path, headers=told).status_code == 200
    again = client.get(
        path, headers={**PAGE, "Accept-Language": "ar", "If-None-Match": arabic.headers["ETag"]}
    )
    assert again.status_code == 304
    assert "Accept-Language" in again.vary


@pytest.mark.parametrize("path", ["/queries/who-said.csv", "/sparql?query=ASK%7B%7D&format=json"])
def test_data_is_the_same_in_every_language(client: FlaskClient, path: str) -> None:
    english, arabic = (client.get(path, headers={"Accept-Language": code}) for code in ("en", "ar"))
    assert english.data == arabic.data
    assert english.headers.get("ETag") == arabic.headers.get("ETag")
    again = client.get(path, headers={"Accept-Language": "ar", "If-None-Match": arabic.headers["ETag"]})
    assert again.status_code == 304
    for answer in (arabic, again):
        assert "Content-Language" not in answer.headers
        assert "Accept-Language" not in answer.vary


def test_the_choices_of_a_form_are_named_in_the_language_of_the_page(client: FlaskClient) -> None:
    arabic, english = (
        client.get("/accusations", headers={**PAGE, "Accept-Language": tongue}).text
        for tongue in ("ar", "en")
    )
    assert re.search(r'<option value="id/mayor"[^>]*>\s*العمدة', arabic)
    assert re.search(r'<option value="id/captain"[^>]*>\s*the &lt;b&gt;captain', arabic), "no other name"
    assert re.search(r'<option value="id/mayor"[^>]*>\s*the mayor', english)


def test_links_and_labels_of_a_saved_query_keep_the_language_of_the_address(client: FlaskClient) -> None:
    page = client.get("/queries/who-said?_limit=1&_lang=ar", headers=PAGE).text
    following = re.search(r'rel="next" href="([^"]*)"', page)
    assert following is not None
    assert "_lang=ar" in following[1]
    table = client.get("/queries/who-said?_lang=ar", headers=PAGE).text.partition("<tbody>")[2]
    assert "العمدة" in table
    assert "The quay is open." in table, "no Arabic name: the other one"
    found = client.get("/queries/about?_find.thing=quay&_lang=ar", headers=PAGE).text
    assert re.search(r'class="matches".*?href="[^"]*_lang=ar', found, flags=re.DOTALL)
    data = client.get("/queries/who-said.csv?_lang=ar").text
    assert data == client.get("/queries/who-said.csv").text
