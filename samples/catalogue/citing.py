"""How a sample is cited, and what its page tells machines: text, BibTeX, and JSON-LD in the words of schema.org."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from portal.sheets import KINDS
from samples.models import Dataset, Sample
from samples.rules.identifiers import RESOLVER

PUBLISHER = "Lunar Sample Access"
SAMPLE = "http://www.w3.org/ns/sosa/Sample"  # schema.org has no word for a piece of matter
_SPECIAL = re.compile(r"([\\{}$&#%_~^])")
_UNSAFE = str.maketrans({"<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def bibtex(sample: Sample, address: str, today: date) -> str:
    """Return a sample as an entry of a BibTeX file; `today` is the day on which it was seen."""
    fields = {
        "title": f"{{Sample {_plain(sample.catalogue_number)}}}",
        "author": f"{{{PUBLISHER}}}",
        "year": str(today.year),
        "note": _plain(f"{sample.mission.name}, {sample.mission.site}"),
        **({"doi": sample.igsn} if sample.igsn else {}),
        "url": address,
        "urldate": today.isoformat(),
    }
    key = re.sub(r"[^0-9A-Za-z]+", "-", sample.catalogue_number).strip("-") or "sample"
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def _plain(text: str) -> str:
    return _SPECIAL.sub(lambda found: r"\textbackslash{}" if found[1] == "\\" else rf"\{found[1]}", text)


def of_sample(sample: Sample, address: str, catalogue: str, datasets: Iterable[Dataset]) -> dict[str, Any]:
    """Return what the page of a sample is about: identifiers, words, where it is from, what was published on it."""
    named = [{"@type": "PropertyValue", "propertyID": "catalogue number", "value": sample.catalogue_number}]
    if sample.igsn:
        named.append({"@type": "PropertyValue", "propertyID": "IGSN", "value": sample.igsn})
    thing = {
        "@type": "Thing",
        "additionalType": SAMPLE,
        "name": sample.catalogue_number,
        "identifier": named,
        "description": sample.local_description or str(sample.get_preparation_display()),
        "url": address,
        # A demonstration has identifiers that lead nowhere.
        "sameAs": RESOLVER + sample.igsn if sample.igsn and not sample.is_demonstration else "",
        "subjectOf": [_publication(dataset) for dataset in datasets],
    }
    return {
        "@context": "https://schema.org",
        "@type": "ItemPage",
        "name": sample.catalogue_number,
        "url": address,
        "isPartOf": {"@type": "DataCatalog", "name": PUBLISHER, "url": catalogue},
        "breadcrumb": _way([(gettext("Samples"), catalogue), (sample.catalogue_number, address)]),
        "mainEntity": {name: value for name, value in thing.items() if value},
    }


def of_catalogue(address: str) -> dict[str, Any]:
    """Return what the catalogue is about: a dataset, and the files it can be had as."""
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": gettext("Catalogue of returned lunar samples"),
        "description": gettext("Catalogue numbers, kinds, masses and sources of samples that missions returned."),
        "url": address,
        "isAccessibleForFree": True,
        "includedInDataCatalog": {"@type": "DataCatalog", "name": PUBLISHER, "url": address},
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": media, "contentUrl": f"{address}?format={kind}"}
            for kind, media in KINDS.items()
        ],
    }


def json_ld(said: Mapping[str, Any]) -> SafeString:
    """Return data for machines as an element of a page. It is no script: a browser runs nothing of this type.

    What could end the element, or be read as markup, is escaped; the policy for scripts need not allow it.
    """
    text = json.dumps(said, ensure_ascii=False).translate(_UNSAFE)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - escaped above


def _publication(dataset: Dataset) -> dict[str, Any]:
    said = {"@type": "CreativeWork", "name": dataset.published_in, "about": dataset.local_measured, "url": dataset.link}
    return {name: value for name, value in said.items() if value}


def _way(steps: list[tuple[str, str]]) -> dict[str, Any]:
    entries = [
        {"@type": "ListItem", "position": position, "name": name, "item": address}
        for position, (name, address) in enumerate(steps, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": entries}
