"""What there is to open: every address with its name, its methods and who may, read from the resolver."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern
from django.utils import translation

from portal.web import Access, declared_access


@dataclass(frozen=True)
class Address:
    """One pattern. `declared` is None where the view declares nothing, which turns the suite red."""

    pattern: str
    name: str
    methods: tuple[str, ...]
    who: str
    declared: Access | None

    def plain(self) -> dict[str, Any]:
        """Return what is written about it."""
        return {key: value for key, value in asdict(self).items() if key != "declared"}


def addresses() -> list[Address]:
    """Return every address, in the order in which they are tried; sentences in English."""
    with translation.override("en"):
        return list(_walk(get_resolver().url_patterns, "/", ""))


def _walk(patterns: list[Any], prefix: str, namespace: str) -> Iterator[Address]:
    for entry in patterns:
        shown = prefix if isinstance(entry.pattern, LocalePrefixPattern) else prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, shown, inner)
        elif isinstance(entry, URLPattern):
            declared = declared_access(entry.callback)
            yield Address(
                pattern=shown,
                name=f"{namespace}{entry.name}" if entry.name else "",
                methods=declared.methods if declared else (),
                who=str(declared.sentence) if declared else "",
                declared=declared,
            )
