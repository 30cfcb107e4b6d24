"""The fixtures of the applicant's way, for the office's side of what comes after it."""

from tests.applications.apply.conftest import send

__all__ = ["send"]
