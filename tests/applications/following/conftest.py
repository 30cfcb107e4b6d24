"""The fixtures of the applicant's way, for what comes after it."""

from tests.applications.apply.conftest import applicant, call, draft, send, visitor

__all__ = ["applicant", "call", "draft", "send", "visitor"]
