"""ORCID as the portal meets it: a server of its own on this machine."""

from collections.abc import Iterator

import pytest

from tests.orcid_server import Orcid, known_to_orcid


@pytest.fixture
def orcid(settings) -> Iterator[Orcid]:
    """Run a server that speaks as ORCID does, and let the portal be known to it."""
    with known_to_orcid(settings) as server:
        yield server
