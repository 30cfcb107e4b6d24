"""Lists of works: what is read, what is told with its line, and that nothing typed is lost."""

import json
import random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications.models import Work
from applications.works.parsing import MOST_AT_ONCE, doi_of, read_bibtex, read_dois, read_file, read_orcid
from portal.accounts.models import User
from tests.factories.accounts import UserFactory
from tests.factories.conflicts import work_of

ADD = "/my/works/add/"
BIBTEX = r"""@article{one,
  title = {On {M}oon dust},
  author = {M{\"u}ller, Hans and Li, Xiaoming and van der Berg, Jan},
  year = 2024,
  doi = {https://doi.org/10.1000/XYZ}
}
@book{two, title = "Without a number", author = "Ada Vermeer", date = {2023-05}}
"""
RECORD = {
    "activities-summary": {
        "works": {
            "group": [
                {
                    "work-summary": [
                        {
                            "title": {"title": {"value": "Two winds"}},
                            "publication-date": {"year": {"value": "2025"}},
                            "external-ids": {
                                "external-id": [{"external-id-type": "doi", "external-id-value": "10.1000/W"}]
                            },
                        }
                    ]
                }
            ]
        }
    }
}


@pytest.fixture
def user(db: None) -> User:
    return UserFactory()


@pytest.fixture
def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def listed(user: User) -> list[tuple[str, str, int | None, int]]:
    return [(one.key, one.title, one.year, len(one.authors)) for one in Work.objects.filter(user=user).order_by("key")]


def test_dois_line_by_line_with_and_without_address() -> None:
    reading = read_dois("10.1000/182\n\n https://doi.org/10.1000/ABC. \ndoi:10.1000/x(1)\nnonsense\n10.1/short")
    assert [one.key for one in reading.works] == ["10.1000/182", "10.1000/abc", "10.1000/x(1)"]
    assert reading.problems == ["Line 5 is no DOI: nonsense", "Line 6 is no DOI: 10.1/short"]
    assert doi_of("http://dx.doi.org/10.5555/a") == "10.5555/a"


def test_bibtex_gives_titles_years_and_names() -> None:
    reading = read_bibtex(BIBTEX)
    first, second = sorted(reading.works, key=lambda one: one.key)
    assert (first.key, first.title, first.year) == ("10.1000/xyz", "On Moon dust", 2024)
    assert [one["name"] for one in first.authors] == ["Müller, Hans", "Li, Xiaoming", "van der Berg, Jan"]
    assert (second.key, second.year, second.authors[0]["name"]) == ("without a number 2023", 2023, "Vermeer, Ada")
    assert reading.problems == []


def test_what_cannot_be_read_is_told_with_its_line() -> None:
    text = BIBTEX + "@article{bad, title = {never closed\n@article{good, title = {Closed}}\n@misc{none, year = 2020}\n"
    reading = read_bibtex(text)
    assert reading.problems == [
        "The entry from line 8 on cannot be read.",
        "The entry from line 10 on has neither a DOI nor a title.",
    ]
    assert read_bibtex("just words").problems == ["Line 1: there is no entry of BibTeX in it."]
    assert read_bibtex("@" * (MOST_AT_ONCE + 1)).problems


def test_an_orcid_record_is_read_whole_or_its_works_alone() -> None:
    for record in (RECORD, RECORD["activities-summary"]["works"]):
        found = read_file(json.dumps(record)).works
        assert [(one.key, one.title, one.year) for one in found] == [("10.1000/w", "Two winds", 2025)]
    assert read_orcid('{\n"a": [}').problems == ["Line 2 is no JSON: the file may be cut off."]
    assert read_orcid("{}").problems == ["Line 1: there are no works of an ORCID record in it."]


def test_a_damaged_record_is_never_a_fault_of_the_portal() -> None:
    chance = random.Random(20261122)
    whole = json.dumps(RECORD)
    for _ in range(300):
        at = chance.randrange(len(whole))
        broken = (
            whole[:at]
            + chance.choice(['"', "[", "}", "null", "\\u0000", "\\ud800", "7"])
            + whole[at + chance.randrange(4) :]
        )
        for work in read_orcid(broken).works:
            work.title.encode()
            assert "\0" not in work.title
        read_bibtex(broken)
    read_orcid("[" * 100_000)


def test_works_are_added_completed_and_removed(browser: Client, user: User) -> None:
    answer = browser.post(ADD, {"dois": "10.1000/xyz\n10.1000/182", "bibtex": ""})
    assert (answer.status_code, answer["Location"]) == (303, "/my/works/")
    file = SimpleUploadedFile("works.bib", BIBTEX.encode())
    assert browser.post(ADD, {"file": file}).status_code == 303
    assert listed(user) == [
        ("10.1000/182", "", None, 0),
        ("10.1000/xyz", "On Moon dust", 2024, 3),
        ("without a number 2023", "Without a number", 2023, 1),
    ]
    page = browser.get("/my/works/").content.decode()
    assert "On Moon dust" in page and 'href="https://doi.org/10.1000/xyz"' in page
    assert browser.post("/my/works/", {"drop": "10.1000/182"}).status_code == 303
    assert browser.post("/my/works/", {"drop": "10.1000/182"}).status_code == 404
    assert len(listed(user)) == 2


def test_of_a_work_in_two_texts_the_one_that_says_more_is_kept(browser: Client, user: User) -> None:
    bare = SimpleUploadedFile("works.bib", b"@article{b, doi = {10.1000/9}}")
    browser.post(ADD, {"bibtex": "@article{a, doi = {10.1000/9}, author = {Vermeer, Ada}}", "file": bare})
    assert listed(user) == [("10.1000/9", "", None, 1)]


def test_a_line_that_cannot_be_read_is_an_error_at_its_field_and_nothing_is_lost(browser: Client, user: User) -> None:
    answer = browser.post(ADD, {"dois": "10.1000/182\nnonsense", "bibtex": "@article{a, title = {open"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_dois_error"' in page and "Line 2 is no DOI: nonsense" in page
    assert 'id="id_bibtex_error"' in page and "The entry from line 1 on cannot be read." in page
    assert "10.1000/182" in page and "@article{a, title = {open" in page
    assert listed(user) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"@article{a,\n title = {\xff}}", "Line 2 of the file is no text in UTF-8."),
        (b"x" * 2_000_001, "The file is larger than 2 MB."),
        (b'{"a": \x00}', "no JSON"),
        (b"hello", "there is no entry of BibTeX"),
    ],
)
def test_a_bad_file_is_an_error_at_its_field(browser: Client, user: User, content: bytes, words: str) -> None:
    answer = browser.post(ADD, {"file": SimpleUploadedFile("works", content), "dois": "10.1000/182"})
    assert answer.status_code == 422
    assert words in answer.content.decode() and 'id="id_file_error"' in answer.content.decode()
    assert "10.1000/182" in answer.content.decode()
    assert listed(user) == []


def test_nothing_given_and_too_much_are_refused(browser: Client, user: User, monkeypatch: Any) -> None:
    assert browser.post(ADD, {}).status_code == 422
    monkeypatch.setattr("applications.works.actions.MOST_WORKS", 1)
    assert browser.post(ADD, {"dois": "10.1000/1\n10.1000/2"}).status_code == 422
    assert listed(user) == []


def test_a_list_is_its_owners_alone(browser: Client, user: User) -> None:
    other = work_of(UserFactory(), "10.1000/other")
    assert "10.1000/other" not in browser.get("/my/works/").content.decode()
    assert browser.post("/my/works/", {"drop": other.key}).status_code == 404
    assert Work.objects.filter(pk=other.pk).exists()
