"""Declarations and authorisations in a draft. Nothing is computed from them: a flag goes to a person."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.drafting import open_draft, saved
from applications.enums import AuthorisationState
from applications.models import Application, DraftAuthorisation
from portal.accounts.models import Institution
from portal.errors import Invalid
from samples.models import Mission


def declare(application: Application, *, by: Any, answers: Mapping[str, str]) -> None:
    """Say which declarations of the call are made, each with its words where it asks for some.

    `answers` maps the codes of what is declared to the words; the version of the wording read is kept with each.

    Raises:
        Denied: `by` is not the principal investigator.
        NotNow: as `open_draft`.
    """
    with transaction.atomic():
        open_draft(application, by=by, principal=True)
        application.declared = {
            one.code: {"version": one.version, "details": answers[one.code].strip() if one.asks_details else ""}
            for one in application.call.declarations.all()
            if one.code in answers
        }
        saved(application, by=by, names=["declared"], columns=["declared"])


def state_authorisation(
    application: Application,
    *,
    by: Any,
    mission: Mission,
    institution: Institution,
    state: str,
    reference: str = "",
    expires_on: date | None = None,
    expected_on: date | None = None,
    note: str = "",
) -> DraftAuthorisation:
    """State whether a law or funder rule asks for an authorisation for one mission at one holding institution.

    Raises:
        Denied: `by` does not write this application.
        NotNow: as `open_draft`.
        Invalid: none of the four states, or obtained without a reference.
    """
    if state not in AuthorisationState.values:
        raise Invalid(_("Choose one of the four."), code="state", field="state")
    if state == AuthorisationState.OBTAINED and not reference.strip():
        raise Invalid(_("Give the reference of what was obtained."), code="reference", field="reference")
    said = {"state": state, "reference": reference.strip(), "expires_on": expires_on, "expected_on": expected_on}
    with transaction.atomic():
        open_draft(application, by=by)
        row, _made = DraftAuthorisation.objects.update_or_create(
            application=application, mission=mission, institution=institution, defaults={**said, "note": note.strip()}
        )
        saved(application, by=by, names=[f"authorisation:{mission.code}:{institution.key}"])
        return row
