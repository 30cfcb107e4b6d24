"""ORCID as the portal meets it: a server of its own on this machine."""

from collections.abc import Iterator

import pytest

from tests.orcid_server import CLIENT, SECRET, Orcid, orcid_server


@pytest.fixture
def orcid(settings) -> Iterator[Orcid]:
    """Run a server that speaks as ORCID does, and let the portal be known to it."""
    with orcid_server() as server:
        settings.ORCID_BASE_URL = server.url
        settings.SOCIALACCOUNT_PROVIDERS = {"orcid": {"APP": {"client_id": CLIENT, "secret": SECRET}}}
        yield server
