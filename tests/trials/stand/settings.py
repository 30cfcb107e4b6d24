"""The portal's own settings, with the stand beside its rooms."""

from pathlib import Path

from portal.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.trials.stand"]  # noqa: F405
ROOT_URLCONF = "tests.trials.stand.urls"
TEMPLATES[0]["DIRS"].append(Path(__file__).parent / "templates")  # noqa: F405
