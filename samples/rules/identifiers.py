"""Identifiers that others give: IGSN of samples, DOI of what is published. Written plainly, whatever was pasted."""

import re

from django.utils.translation import gettext_lazy as _

from portal.errors import Invalid

LONGEST_IGSN, LONGEST_DOI = 60, 200
RESOLVER = "https://doi.org/"
_BEFORE = re.compile(r"(?:https?://)?(?:(?:dx\.)?doi\.org/|igsn\.org/)|(?:doi|igsn)\s*:\s*", re.IGNORECASE)
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s<>\"'`{}|\\^]+")
_IGSN = re.compile(r"10\.[0-9]{4,9}/[0-9A-Z._/-]+")


def tidy_igsn(text: str) -> str:
    """Return an IGSN as it is kept: a DOI in capitals, without the address before it; nothing for nothing.

    Source: IGSN e.V. and DataCite (since 2021 every IGSN ID is a DOI; DOIs know no case).

    Raises:
        Invalid: it is none.
    """
    plain = _bare(text).upper()
    if plain and (len(plain) > LONGEST_IGSN or not _IGSN.fullmatch(plain)):
        raise Invalid(_("An IGSN is a DOI such as 10.12345/ABC001."), code="no-igsn", field="igsn")
    return plain


def tidy_doi(text: str) -> str:
    """Return a DOI without the address before it; nothing for nothing.

    Raises:
        Invalid: it is none.
    """
    plain = _bare(text)
    if plain and (len(plain) > LONGEST_DOI or not _DOI.fullmatch(plain) or not plain.isprintable()):
        raise Invalid(_("A DOI looks like 10.12345/abc."), code="no-doi", field="doi")
    return plain


def _bare(text: str) -> str:
    plain = text.strip()
    while found := _BEFORE.match(plain):  # "doi: https://doi.org/10.…"
        plain = plain[found.end() :].strip()
    return plain
