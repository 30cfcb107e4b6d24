"""How a sample is cited, and what its page tells machines: BibTeX that compiles, JSON-LD that ends no element."""

import json
import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from samples.catalogue.citing import bibtex, json_ld
from samples.models import Dataset
from tests.factories.samples import clast, powder

pytestmark = pytest.mark.django_db


class Blocks(HTMLParser):
    """Collects the data blocks of a page as a browser sees them, and how many elements of script there are."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.blocks, self.scripts = False, [], []  # type: ignore[var-annotated]

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "script":
            self.inside = dict(attrs).get("type") == "application/ld+json"
            self.scripts.append(dict(attrs).get("type"))

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.blocks.append(json.loads(data))


def told(page: str) -> Any:
    """Return what a page tells machines, once."""
    blocks = Blocks()
    blocks.feed(page)
    assert blocks.scripts == ["module", "application/ld+json"]
    (block,) = blocks.blocks
    return block


def test_a_sample_tells_identifiers_words_and_what_was_published_on_it(client: Client) -> None:
    one = clast(3, catalogue_number="A 1", igsn="10.12345/ABC", description="Basalt")
    Dataset.objects.create(sample=one, measured="Pores", technique="XCT", published_in="A paper", doi="10.1000/x")
    address = f"{settings.SITE_URL}/samples/A%201/"
    assert told(client.get("/samples/A%201/").content.decode()) == {
        "@context": "https://schema.org",
        "@type": "ItemPage",
        "name": "A 1",
        "url": address,
        "isPartOf": {"@type": "DataCatalog", "name": "Lunar Sample Access", "url": f"{settings.SITE_URL}/samples/"},
        "breadcrumb": {
            "@type": "BreadcrumbList",
            "itemListElement": [
                {"@type": "ListItem", "position": 1, "name": "Samples", "item": f"{settings.SITE_URL}/samples/"},
                {"@type": "ListItem", "position": 2, "name": "A 1", "item": address},
            ],
        },
        "mainEntity": {
            "@type": "Thing",
            "additionalType": "http://www.w3.org/ns/sosa/Sample",
            "name": "A 1",
            "identifier": [
                {"@type": "PropertyValue", "propertyID": "catalogue number", "value": "A 1"},
                {"@type": "PropertyValue", "propertyID": "IGSN", "value": "10.12345/ABC"},
            ],
            "description": "Basalt",
            "url": address,
            "sameAs": "https://doi.org/10.12345/ABC",
            "subjectOf": [
                {"@type": "CreativeWork", "name": "A paper", "about": "Pores", "url": "https://doi.org/10.1000/x"}
            ],
        },
    }


def test_an_identifier_of_the_demonstration_leads_nowhere(client: Client) -> None:
    clast(3, catalogue_number="A", igsn="10.5072/ABC", is_demonstration=True)
    page = client.get("/samples/A/").content.decode()
    assert "sameAs" not in told(page)["mainEntity"]
    assert "doi.org" not in page


def test_the_catalogue_tells_of_its_files(client: Client) -> None:
    found = told(client.get("/samples/").content.decode())
    assert (found["@type"], found["url"]) == ("Dataset", f"{settings.SITE_URL}/samples/")
    for file in found["distribution"]:
        answer = client.get(file["contentUrl"].removeprefix(settings.SITE_URL))
        assert answer["Content-Type"].partition(";")[0] == file["encodingFormat"]


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028", "&lt;", '"'])
def test_no_word_ends_the_element(client: Client, text: str) -> None:
    clast(3, catalogue_number="A", description=text)
    assert told(client.get("/samples/A/").content.decode())["mainEntity"]["description"] == text
    assert re.findall(r"[<>&]", json_ld({"a": text}).removeprefix('<script type="application/ld+json">')[:-9]) == []


def test_bibtex_names_the_sample_and_escapes_its_signs() -> None:
    one = powder(1, catalogue_number="100%_A {b}\\", igsn="10.12345/ABC")
    entry = bibtex(one, "https://example.org/samples/A/", date(2026, 11, 22))
    assert entry.splitlines() == [
        "@misc{100-A-b,",
        r"  title = {{Sample 100\%\_A \{b\}\textbackslash{}}},",
        "  author = {{Lunar Sample Access}},",
        "  year = {2026},",
        "  note = {Chang’e-5, Northern Oceanus Procellarum},",
        "  doi = {10.12345/ABC},",
        "  url = {https://example.org/samples/A/},",
        "  urldate = {2026-11-22},",
        "}",
    ]


def test_the_page_shows_both_ways_to_cite(client: Client) -> None:
    clast(3, catalogue_number="A-1")
    page = client.get("/samples/A-1/").content.decode()
    assert "Sample A-1, Chang’e-5, Rock clast." in page
    assert f"url = {{{settings.SITE_URL}/samples/A-1/}}" in page
