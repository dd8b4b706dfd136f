"""Where the sentences of a paragraph end, in any script that marks it.

A full stop ends a sentence unless it belongs to an abbreviation, an initial,
an ordinal or a list number, or the next word goes on in small letters. A mark
of another script (`؟`, `۔`, `。`, `।`) ends one wherever it stands.
"""

# ruff: noqa: RUF001, RUF002  # the marks of many scripts are what this module is about

from __future__ import annotations

import re

from onrecord.authoring.lexicon import DAYS, MONTHS, MONTHS_ELSEWHERE, list_words
from onrecord.authoring.spans import INVISIBLE, Span, skip_blank, trim

# Armenian, Arabic, Syriac, Devanagari, Burmese, Ethiopic, Khmer, Canadian, Mongolian, Tibetan, Ol Chiki,
# Vai, CJK: never used inside a word.
FREE_ENDERS = (
    "\u0589\u061d\u061e\u061f\u06d4\u0701\u0702\u0964\u0965\u0f0d\u0f0e\u104b\u1362\u1367\u1368\u17d4\u17d5"
)
FREE_ENDERS += "\u166e\u1803\u1809\u1c7e\u1c7f\ua60e\ua60f\u3002\ufe52\ufe56\ufe57\uff01\uff0e\uff1f\uff61"
ENDERS = ".!?\u2026\u203c\u203d\u2047\u2048\u2049\u037e\u2e2e" + FREE_ENDERS
_RUN = re.compile(f"[{re.escape(ENDERS)}]+")
CLOSERS = "\"'”’»›)]}」』）】〉》〟＂＇"
# Openers in one language, closers in another: German “, Swedish and Danish «.
_EITHER = "“‘«‹"
OPENERS = "\"'“‘„‚«‹»›([{「『（【〈《〝＂＇¿¡—–-•*"
_BEFORE_DOT = re.compile(r"[^\s\"'“”‘’„«»()\[\]{}—–]+\Z")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")

_TITLES = frozenset(
    list_words(
        "mr mrs ms mx dr prof gen col lt sgt maj capt cmdr adm brig rev fr sen rep gov pres hon messrs mme "
        "mlle supt det insp cpl pvt amb sra sr ing dipl hr hrn e.g i.e vs cf viz т.е т.д т.к им ул"
    )
)
_BEFORE_NUMBERS = frozenset(
    list_words(
        "no nos nr p pp vol fig art sec ch para ca c approx est jan feb mar apr jun jul aug sep sept oct nov "
        "dec стр гл п"
    )
)
_EITHER_WAY = frozenset(list_words("inc ltd co corp bros jr al etc st ave dept univ ph.d incl ext d.c"))
_HOURS = frozenset({"a.m", "p.m"})
_STARTERS = frozenset(
    list_words(
        "the a an this that these those he she it they we you i his her its their our my but and or so yet "
        "in on at by for from to with after before since while when where as if although though however "
        "meanwhile earlier later there here no not some many most more about both all each another other "
        "what who which why how according despite under over during between among because until nearly "
        "almost one two asked thousands hundreds tens dozens"
    )
)
_LONGEST_ASIDE = 400
"""Characters; a bracket that stays open for longer was not meant as one."""
_LONGEST_WORD = 40
_CLOSING_BRACKET = re.compile(r"[)\]）]")
_SPEAKS = r"(?:said|says|asked|asks|replied|replies|added|adds|told|wrote|shouted|demanded)"
# Who asked: a name, the verb, and little more up to the sentence's end.
_TAG = re.compile(rf"(?:[^\W\d_][\w'’.-]*\s+){{1,4}}{_SPEAKS}\b(?=(?:\s+[^\s.,!?]+){{0,5}}(?:[.,!?]|\s*\Z))")


def find_sentences(text: str, block: Span) -> list[Span]:
    """The sentences of one paragraph, without the white space between them.

    >>> text = 'Gen. Orr denied it. "We left at 5 p.m. on Friday," he said.'
    >>> [span.cut(text) for span in find_sentences(text, Span(0, len(text)))]
    ['Gen. Orr denied it.', '"We left at 5 p.m. on Friday," he said.']
    """
    found = []
    start = block.start
    for run in _RUN.finditer(text, block.start, block.end):
        if run.start() < start:
            continue
        end = _after_closers(text, run, block.end)
        if skip_blank(text, end, block.end) >= block.end:
            break
        if _is_boundary(text, start, run, end, block.end):
            found.append(trim(text, Span(start, end)))
            start = end
    last = trim(text, Span(start, block.end))
    return [*found, last] if last.start < last.end else found


def ends_sentence(words: str) -> bool:
    """Whether `words` end with a sentence's end, quotation marks and brackets aside.

    >>> ends_sentence('as "dire".'), ends_sentence("(in 2016.)"), ends_sentence("Floods")
    (True, True, False)
    """
    return words.rstrip().rstrip(CLOSERS + _EITHER + INVISIBLE)[-1:] in tuple(ENDERS)


def _after_closers(text: str, run: re.Match[str], limit: int) -> int:
    """The end of the run of enders with the quotation marks and brackets that close after it."""
    end = run.end()
    free = run.group()[-1] in FREE_ENDERS
    while end < limit:
        following = text[end + 1 : end + 2]
        if text[end] in CLOSERS or (text[end] in _EITHER and not free and not following.strip()):
            end += 1
        elif text[end] in "\u00a0\u202f " and following == "»" and not text[end + 2 : end + 3].strip():
            end += 2
        else:
            break
    return end


def _is_boundary(text: str, start: int, run: re.Match[str], end: int, limit: int) -> bool:
    if _inside_brackets(text, start, end, limit):
        return False
    following = skip_blank(text, end, limit)
    if any(mark in FREE_ENDERS for mark in run.group()):
        # A quotation that ends within the sentence which quotes it has no space after it.
        return following > end or end == run.end()
    if not text[end:following].strip(INVISIBLE):
        return False
    lead = following
    while lead < limit and (text[lead] in OPENERS or text[lead].isspace()):
        lead += 1
    if lead >= limit or text[lead].islower():
        return False
    if run.group() == ".":
        return _full_stop_ends(text, start, run.start(), following, lead)
    quoted = end > run.end()
    return not (quoted and run.group()[-1] in "!?" and _TAG.match(text, following, limit))


def _full_stop_ends(text: str, start: int, dot: int, following: int, lead: int) -> bool:
    before = _BEFORE_DOT.search(text, max(start, dot - _LONGEST_WORD), dot)
    token = before.group().lower() if before else ""
    after = _WORD.match(text, lead)
    word = after.group() if after else ""
    if token in _TITLES or (token in _BEFORE_NUMBERS and text[lead].isdecimal()):
        return False
    if token in _HOURS:
        return word.lower() not in DAYS + MONTHS and not (word.isupper() and 1 < len(word) < 5)
    if token in _EITHER_WAY or re.fullmatch(r"(?:\w\.)+\w", token) or (len(token) == 1 and token.isalpha()):
        initial = after is not None and len(word) == 1 and text[after.end() : after.end() + 1] == "."
        return following == lead and word.lower() in _STARTERS and not initial
    if token.isdecimal() and len(token) <= 2:
        opens = before is not None and skip_blank(text, start, before.start()) == before.start()
        return not opens and word.lower() not in MONTHS + MONTHS_ELSEWHERE
    return True


def _inside_brackets(text: str, start: int, end: int, limit: int) -> bool:
    """Whether a bracket that opened within the sentence is closed only after `end`."""
    depth = 0
    first = skip_blank(text, start, end)
    for position in range(max(first + 1, end - _LONGEST_ASIDE), end):
        if text[position] in "([（":
            depth += 1
        elif text[position] in ")]）" and depth:
            depth -= 1
    return depth > 0 and _CLOSING_BRACKET.search(text, end, min(limit, end + _LONGEST_ASIDE)) is not None
