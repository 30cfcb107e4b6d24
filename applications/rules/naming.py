"""Which words of a text may name who wrote it: pure, for calls in which reviewers read the science without names.

It finds what it is told to look for (people, addresses, institutions, places) and what names people wherever it stands:
e-mail addresses, ORCID iDs, web addresses, references to one's own earlier work. It decides nothing: a person looks at
what it found. What is searched and for whom is gathered in `applications/screening/names.py`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

BESIDE = 60  # characters of an excerpt on either side of what was found
MOST_ALIKE = 3  # of one name in one place
MOST = 300
SHORTEST_PART = 3  # letters of a part of a name that is looked for alone: `Li` and `He` are elements, too
CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
TITLES = ("老师", "教授", "院士", "研究员", "博士", "课题组", "团队", "实验室", "组")
IN_A_WORD = "_@~/\\"  # beside these a name stands in a file name or an address, whatever its capitals

_CJK = re.compile(f"[{CJK}]")
PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}",
        r"\b\d{4}-\d{4}-\d{4}-\d{3}[\dX]\b",
        r"(?:https?://|www\.)(?!(?:dx\.)?doi\.org/)[^\s<>()\"]{1,500}",
        r"\b(?:[a-z0-9-]{1,63}\.){1,5}(?:edu(?:\.[a-z]{2})?|ac\.[a-z]{2}|org|net|cn|de|fr|uk|jp|eu|it|ru)\b(?<!doi\.org)",
        (
            r"\b(?:our|my)\s{1,9}(?:own\s{1,9})?(?:previous|earlier|recent|prior|former|past|published|own|last|companion)"
            r"\s{1,9}(?:\w{1,40}\s{1,9}){0,2}(?:works?|papers?|stud(?:y|ies)|results?|measurements?|articles?|publications?"
            r"|reports?|analys[ei]s|data|experiments?|applications?|proposals?|thesis)\b(?:\s?[\[(][^\])]{1,40}[\])])?"
        ),
        r"\bwe\s{1,9}(?:have\s{1,9})?(?:previously|earlier|recently|already)\s{1,9}\w{1,40}(?:\s?[\[(][^\])]{1,40}[\])])?",
        r"\b(?:our|my)\s{1,9}(?:institut(?:e|ion)|department|university|ph\.?\s?d|doctoral\s{1,9}thesis)\b",
        r"我们(?:的)?(?:之前|此前|先前|前期|以前|以往|近期|最近|已经|曾)[^。；，,;.\s]{0,20}",
        r"(?:本|我)(?:课题组|研究组|团队|实验室|单位)(?:的)?(?:之前|此前|先前|前期|以往|近期|已|曾|自主|研制)[^。；，,;.\s]{0,10}",
        r"(?:我院|我所|我校|本校|笔者)[^。；，,;.\s]{0,10}",
    )
)


class Kind(StrEnum):
    """What a name belongs to: it decides how it is looked for."""

    PERSON = "person"
    PLACE = "place"
    ACRONYM = "acronym"
    ADDRESS = "address"


@dataclass(frozen=True)
class Name:
    """One name to look for."""

    words: str
    kind: Kind


@dataclass(frozen=True)
class Found:
    """One possible name: where it stands (a code), the name, and the words around it."""

    where: str
    name: str
    excerpt: str


def possible_names(texts: Iterable[tuple[str, str]], names: Iterable[Name]) -> list[Found]:
    """Return what may name somebody in these texts, each a pair of a code for its place and its words.

    Source: portal policy (dual-anonymous review); a list for a person, who releases or returns.
    """
    wanted = _searches(names)
    found: list[Found] = []
    for where, text in texts:
        found += _in_one(where, text, wanted)
    return found[:MOST]


@dataclass(frozen=True)
class _Folded:
    """A text as it is searched: small letters without accents, one blank between words; `at` leads back."""

    words: str
    at: list[int]


@dataclass(frozen=True)
class _Search:
    """One spelling: what to look for, the name to tell, whether capitals decide."""

    words: str
    name: str
    exact: bool = False  # as an acronym is written, capital by capital
    capital: bool = False  # a part of a name, which may be a common word as well


def _in_one(where: str, text: str, wanted: list[_Search]) -> list[Found]:
    folded = _fold(text)
    hits = [*_known(text, folded, wanted), *_patterns(text)]
    found: list[Found] = []
    often: dict[str, int] = {}
    end = -1
    for start, stop, name in sorted(hits, key=lambda hit: (hit[0], -hit[1])):
        if stop <= end:
            continue  # lies in what was found before: a part of the whole name, the host of an address
        end = stop
        often[name] = often.get(name, 0) + 1
        if often[name] <= MOST_ALIKE:
            found.append(Found(where, name, _excerpt(text, start, stop)))
    return found


def _known(text: str, folded: _Folded, wanted: list[_Search]) -> Iterator[tuple[int, int, str]]:
    for search in wanted:
        begin = folded.words.find(search.words)
        while begin >= 0:
            last = begin + len(search.words)
            start, stop = folded.at[begin], folded.at[last - 1] + 1
            if _stands_alone(folded.words, begin, last, search.words) and _fits(text, start, stop, search):
                yield start, stop, search.name
            begin = folded.words.find(search.words, begin + 1)


def _patterns(text: str) -> Iterator[tuple[int, int, str]]:
    for pattern in PATTERNS:
        for match in pattern.finditer(text):
            yield match.start(), match.end(), " ".join(match[0].split())[:120]


def _stands_alone(words: str, begin: int, last: int, search: str) -> bool:
    """Whether no letter of the same word comes before or after; Chinese has no blanks between words."""
    before = words[begin - 1] if begin else " "
    after = words[last] if last < len(words) else " "
    return (before == " " or _breaks(before, search[0])) and (after == " " or _breaks(search[-1], after))


def _breaks(one: str, other: str) -> bool:
    return bool(_CJK.match(one)) or bool(_CJK.match(other))


def _fits(text: str, start: int, stop: int, search: _Search) -> bool:
    if search.exact:
        return text[start:stop] == search.name
    if not search.capital:
        return True
    around = text[max(start - 1, 0) : start] + text[stop : stop + 1]
    in_an_address = any(sign in IN_A_WORD for sign in around)
    in_an_address |= text[stop : stop + 1] == "." and text[stop + 1 : stop + 2].isalnum()
    return text[start].isupper() or in_an_address


def _excerpt(text: str, start: int, stop: int) -> str:
    before, after = max(start - BESIDE, 0), min(stop + BESIDE, len(text))
    words = " ".join(text[before:after].replace("\0", "").split())
    return f"{'…' * (before > 0)}{words}{'…' * (after < len(text))}"


# --- How a name may be spelled ------------------------------------------------------------------------------


def _searches(names: Iterable[Name]) -> list[_Search]:
    """Return every spelling to look for, each once."""
    found: dict[tuple[str, bool], _Search] = {}
    for name in names:
        for search in _spellings(name):
            kept = found.setdefault((search.words, search.exact), search)
            if kept.capital and not search.capital:
                found[search.words, search.exact] = search
    return list(found.values())


def _spellings(name: Name) -> Iterator[_Search]:
    words = _fold(name.words).words.strip()
    if len(words) < 2:
        return
    if name.kind is Kind.PERSON:
        yield from _of_a_person(name.words, words)
    elif name.kind is Kind.ACRONYM:
        yield _Search(words, name.words.strip(), exact=True)
    else:
        one_word = " " not in words and not _CJK.match(words)
        capital = name.kind is Kind.PLACE and one_word
        yield _Search(words, name.words, capital=capital)
        yield _Search(_fold(name.words.replace("&", " and ")).words.strip(), name.words, capital=capital)
        yield _Search(words.replace(" and ", " "), name.words, capital=capital)  # written with &


def _of_a_person(name: str, words: str) -> Iterator[_Search]:
    """The name both ways round, with initials, without its blanks, and each of its longer parts alone."""
    if _CJK.match(words):
        yield from _of_a_chinese_name(name, words.replace(" ", ""))
        return
    parts = [part for part in words.split() if not part.isdigit()]
    whole = words.split()
    yield _Search(words, name)
    if len(whole) < 2:
        return
    yield _Search(" ".join([whole[-1], *whole[:-1]]), name)
    yield _Search(" ".join([*whole[1:], whole[0]]), name)
    if len(parts) > 1:
        for family, others in ((parts[-1], parts[:-1]), (parts[0], parts[1:])):
            initials = [other[0] for other in others]
            for short in {" ".join(initials), "".join(initials), initials[0]}:
                yield _Search(f"{short} {family}", name, capital=True)
                yield _Search(f"{family} {short}", name, capital=True)
            given = "".join(others)  # Weiming for Wei Ming
            yield _Search(f"{given} {family}", name)
            yield _Search(f"{family} {given}", name)
            if len(others) > 1:
                yield _Search(given, name, capital=True)
    for part in parts:
        if len(part) >= SHORTEST_PART:
            yield _Search(part, name, capital=True)


def _of_a_chinese_name(name: str, words: str) -> Iterator[_Search]:
    """The whole name, and the family name before a title; a given name of two signs alone."""
    yield _Search(words, name)
    family = words[:2] if len(words) > 3 else words[:1]
    for title in TITLES:
        yield _Search(f"{family}{title}", name)
    if len(words) - len(family) >= 2:
        yield _Search(words[len(family) :], name)


def _fold(text: str) -> _Folded:
    """Fold a text sign by sign, so that every place in it leads back to the original."""
    words: list[str] = []
    at: list[int] = []
    for index, sign in enumerate(text):
        if unicodedata.category(sign) == "Cf" or _hyphenates(text, index):
            continue
        for plain in unicodedata.normalize("NFKD", sign).casefold():
            if unicodedata.combining(plain):
                continue
            letter = plain if plain.isalnum() else " "
            if letter == " " and words and words[-1] == " ":
                continue
            if letter != " " and len(words) > 1 and words[-1] == " " and _joins(words[-2], letter, text, at[-1], index):
                words.pop()
                at.pop()
            words.append(letter)
            at.append(index)
    return _Folded("".join(words), at)


def _hyphenates(text: str, index: int) -> bool:
    """Whether a word goes on after this hyphen or line break, as a PDF shows it."""
    if text[index] == "-" and text[index + 1 : index + 2] == "\n":
        return True
    return text[index] == "\n" and index > 0 and text[index - 1] == "-"


def _joins(before: str, after: str, text: str, gap: int, index: int) -> bool:
    """Whether only white space stands between two Chinese signs: a PDF may set it there."""
    return bool(_CJK.match(before) and _CJK.match(after)) and not text[gap:index].strip()
