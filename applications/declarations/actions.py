"""Declarations of a draft: which sentences of the call the principal investigator makes, in which wording.

What is stated of authorisations: `statements.py` beside this file. Nothing is computed from either.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.drafting import check_is_not_stale, open_draft, saved
from applications.models import Application, CallDeclaration
from portal.errors import NotNow

NAMES = "names_principal_investigator"


def declare(
    application: Application,
    *,
    by: Any,
    answers: Mapping[str, str],
    seen: Mapping[str, int] | None = None,
    version: int | None = None,
    names: bool | None = None,
) -> None:
    """Say which declarations of the call are made, each with its words where it asks for some.

    `answers` maps the codes of what is declared to the words, `seen` the codes of what was read to the version of its
    wording. What is declared is kept with version and wording, so that a later wording can be compared with it.
    `names` is the consent to be named in public, which nobody else can give; without it the consent stays as it is.

    Raises:
        Denied: `by` is not the principal investigator.
        NotNow: as `open_draft`; a wording was changed since it was read (code `reworded`).
    """
    with transaction.atomic():
        open_draft(application, by=by, principal=True)
        wanted = list(CallDeclaration.objects.filter(call=application.call_id).select_for_update(of=("self",)))
        _check_was_read(wanted, seen)
        made = {one.code: _made(one, answers[one.code]) for one in wanted if one.code in answers}
        now = {"declared": made} | ({} if names is None else {NAMES: names})
        changed = [name for name, value in now.items() if getattr(application, name) != value]
        check_is_not_stale(application, version, now, now)  # another window of the same person, perhaps
        for name in changed:
            setattr(application, name, now[name])
        saved(application, by=by, names=changed, columns=changed)


def _made(one: CallDeclaration, words: str) -> dict[str, Any]:
    details = "\n".join(line.strip() for line in words.strip().splitlines()) if one.asks_details else ""
    return {"version": one.version, "details": details, "text": one.text, "text_zh": one.text_zh}


def _check_was_read(wanted: list[CallDeclaration], seen: Mapping[str, int] | None) -> None:
    if seen is not None and any(seen.get(one.code) != one.version for one in wanted):
        raise NotNow(
            _("The wording of a declaration was changed while you read it. Read it again, then declare."),
            code="reworded",
        )
