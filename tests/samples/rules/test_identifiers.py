"""Identifiers that others give: kept plainly, whatever was pasted; what is none is refused."""

import pytest

from portal.errors import Invalid
from samples.rules.identifiers import tidy_doi, tidy_igsn


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("10.12345/abc001", "10.12345/ABC001"),
        ("https://doi.org/10.12345/ABC001", "10.12345/ABC001"),
        ("http://dx.doi.org/10.12345/ABC001 ", "10.12345/ABC001"),
        ("igsn: 10.12345/ABC-1.2_3/4", "10.12345/ABC-1.2_3/4"),
        ("IGSN:https://igsn.org/10.12345/abc", "10.12345/ABC"),
    ],
)
def test_an_igsn_is_kept_as_a_doi_in_capitals(typed: str, kept: str) -> None:
    assert tidy_igsn(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "ABC001",
        "11.12345/A",
        "10.1/A",
        "10.12345/",
        "10.12345/A B",
        "10.12345/月",
        "=10.12345/A",
        "10.12345/" + "A" * 60,
    ],
)
def test_what_is_no_igsn_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        tidy_igsn(typed)
    assert (refusal.value.code, refusal.value.field) == ("no-igsn", "igsn")


def test_a_doi_keeps_its_case() -> None:
    assert tidy_doi(" doi:10.1016/j.apsusc.2025.163331") == "10.1016/j.apsusc.2025.163331"
    assert tidy_doi("https://doi.org/10.1000/aBc(1)") == "10.1000/aBc(1)"


@pytest.mark.parametrize(
    "typed", ["10.1000", "a paper", '10.1000/a"b', "10.1000/<b>", "10.1000/a\u200bb", "10.1000/" + "a" * 200]
)
def test_what_is_no_doi_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        tidy_doi(typed)
    assert refusal.value.field == "doi"
