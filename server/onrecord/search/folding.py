"""Spellings made comparable: marks dropped, letters folded, Arabic and Cyrillic in Latin letters. Pure."""

# ruff: noqa: RUF001
# Letters of other scripts that look like Latin ones are what this module is about.

from __future__ import annotations

import re
import unicodedata

_FOLDED = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"),
        **dict.fromkeys("ىیئ", "ي"),
        "ة": "ه",
        "ؤ": "و",
        "ک": "ك",
        "ـ": "",
        "ء": "",
        "ß": "ss",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        **dict.fromkeys("’‘'`´ʼʿʾ", ""),
    }
)
_LATIN = str.maketrans(
    {
        **dict(zip("ابتجحدرزسطفقكلمنهوي", "abtjhdrzstfqklmnhwy", strict=True)),
        **{"ث": "th", "خ": "kh", "ذ": "dh", "ش": "sh", "ص": "s", "ض": "d", "ظ": "z", "ع": "", "غ": "gh"},
        **{"پ": "p", "چ": "ch", "گ": "g", "ژ": "zh"},
        **dict(zip("абвгдезийклмнопрстуфыэіў", "abvgdeziyklmnoprstufyeiu", strict=True)),
        **{"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"},
        **{"ъ": "", "ь": "", "ё": "e", "є": "ye", "ї": "yi", "ґ": "g", "ѓ": "g", "ќ": "k", "ј": "j"},
    }
)
_PAIRS = (
    *(("sch", "S"), ("sh", "S"), ("kh", "K"), ("gh", "G"), ("th", "t"), ("dh", "d"), ("ch", "S")),
    *(("zh", "j"), ("ph", "f"), ("ck", "k"), ("q", "k"), ("x", "ks"), ("c", "k"), ("p", "b"), ("v", "b")),
)
_WORD = re.compile(r"[^\W_]+")
_ARTICLE = re.compile(r"^ال(?=\w{3})")
_LATIN_ARTICLE = frozenset({"al", "el", "ul", "ad", "an", "ar", "as", "ash", "at", "az"})


def fold(text: str) -> str:
    """`text` without marks and case, with the variants of a letter as one.

    >>> fold("Köln"), fold("إدلب") == fold("ادلب"), fold("غوطة") == fold("غوطه")
    ('koln', True, True)
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_FOLDED))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(bare.casefold().translate(_FOLDED).split())


def romanize(text: str) -> str:
    """Arabic and Cyrillic letters of `text` as Latin ones, folded; unwritten vowels stay unwritten.

    >>> romanize("Дума"), romanize("دوما")
    ('duma', 'dwma')
    """
    words = (_ARTICLE.sub("", word) for word in fold(text).split(" "))
    return " ".join(words).translate(_LATIN)


def skeleton(text: str) -> str:
    """The consonants of each word of `text`, which spellings in any script share.

    >>> skeleton("Basra") == skeleton("بصرة") == skeleton("Басра")
    True
    >>> skeleton("Mahmoud Darwish") == skeleton("Mahmud Derwisch") == skeleton("محمود درويش")
    True
    >>> skeleton("al-Basra") == skeleton("البصرة")
    True
    """
    words = [_consonants(word) for word in _WORD.findall(romanize(text)) if word not in _LATIN_ARTICLE]
    return " ".join(word for word in words if word)


def _consonants(word: str) -> str:
    for written, heard in _PAIRS:
        word = word.replace(written, heard)
    word = re.sub(r"[aeiouwy]", "", word.removesuffix("h"))
    return re.sub(r"(.)\1+", r"\1", word) or ""
