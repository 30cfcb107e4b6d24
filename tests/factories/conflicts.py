"""Hints and what follows from them, as rows."""

from collections.abc import Sequence
from typing import Any

from applications.enums import InterestAnswer
from applications.models import Application, PanelAnswer, Work
from portal import clock
from portal.accounts.models import User
from tests.factories.accounts import InstitutionFactory, UserFactory


def work_of(user: User, key: str = "10.1000/1", *authors: str, year: int | None = None, **fields: Any) -> Work:
    """Put a work on somebody's list; without authors and year only its DOI is known."""
    listed: Sequence[Any] = [{"name": name, "orcid": ""} for name in authors]
    facts = {"doi": key, "title": "", "year": year, "authors": listed, "at": clock.now()} | fields
    return Work.objects.create(user=user, key=key, **facts)


def relative_of(application: Application) -> User:
    """Somebody who works at another part of the organisation to which an applicant's institution belongs."""
    place = application.principal_investigator.institution
    assert place is not None
    if place.parent is None:
        place.parent = InstitutionFactory()
        place.save()
    return UserFactory(institution=InstitutionFactory(parent=place.parent))


def minor_interest_of(application: Application, user: User, words: str = "We met at a workshop.") -> PanelAnswer:
    """Let somebody have answered that they have a minor interest."""
    said = {"answer": InterestAnswer.MINOR, "words": words, "at": clock.now()}
    return PanelAnswer.objects.update_or_create(application=application, user=user, defaults=said)[0]
