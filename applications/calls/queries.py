"""What the pages of calls show."""

from typing import Any

from samples.models import Mission


def home() -> dict[str, Any]:
    """Return what the home page shows: the open call with what it offers, the record of a past one, the missions."""
    return {"open_call": None, "offered": [], "record": None, "missions": list(Mission.objects.all())}
