"""A call that is open, its applicant with a draft, and their browser: as for the other rooms of a draft."""

from tests.applications.apply.conftest import applicant, call, draft, send, visitor

__all__ = ["applicant", "call", "draft", "send", "visitor"]
