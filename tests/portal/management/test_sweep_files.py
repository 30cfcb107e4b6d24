"""`sweep_files`, as whoever runs the portal uses it."""

from pathlib import Path
from typing import Any

import pytest

from tests.factories.accounts import UserFactory
from tests.factories.applications import call_of, draft_of
from tests.factories.kept import lay, lying, refer, use_directory
from tests.portal.management.test_issue_token import said


@pytest.mark.django_db
def test_it_says_what_it_deletes_and_deletes_nothing_on_trial(settings: Any, tmp_path: Path) -> None:
    use_directory(settings, tmp_path)
    own = lay(tmp_path, "own", days=9)
    refer(draft_of(call_of(), UserFactory()), own)
    orphan = lay(tmp_path, "orphan", days=9)

    assert said("sweep_files", "--dry-run") == (
        "2 files seen, 1 swept, 6 bytes. Nothing was deleted: this was a dry run.\n"
    )
    assert lying() == {own, orphan}
    assert said("sweep_files") == "2 files seen, 1 swept, 6 bytes.\n"
    assert lying() == {own}
