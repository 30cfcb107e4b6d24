"""Finds samples by what somebody types: words in either language, beginnings of words, parts of numbers, an IGSN.

The expressions are those of the indexes (`samples/models/words.py`), so that a search reads indexes and no table.
"""

import re
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVectorExact
from django.db.models import Q

from portal.errors import Invalid
from samples.models.words import CHINESE, WORDS
from samples.rules.identifiers import tidy_igsn

MOST_WORDS = 8
_CHINESE = re.compile(f"([{CHINESE}])")
_SPECIAL = re.compile(r"(['\\])")


def found_by(text: str) -> Q:
    """Return the samples in whose number or descriptions every word stands; what is no word is part of a number."""
    wanted = Q()
    for word in text.split()[:MOST_WORDS]:
        wanted &= Q(_stands(word)) | Q(catalogue_number__icontains=word) | _named(word)
    return wanted


def _stands(word: str) -> Any:
    """Whether a word, or one that begins like it, stands in the text; Chinese characters in their order."""
    apart = _SPECIAL.sub(r"\1\1", _CHINESE.sub(r" \1 ", word))
    return SearchVectorExact(WORDS, SearchQuery(f"'{apart}':*", config="simple", search_type="raw"))


def _named(word: str) -> Q:
    try:
        igsn = tidy_igsn(word)
    except Invalid:
        return Q()
    return Q(igsn=igsn) if igsn else Q()
