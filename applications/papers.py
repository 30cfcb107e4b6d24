"""Papers of this domain as tagged PDF: an application exactly as reviewers read it, and the blank form of a call.

What an application says is `applications/reading.py`, what a blank form asks `applications/blank.py`; how a paper is
set `portal/typesetting.py`. No paper is kept: the same one is made again in a tenth of a second, with the same hash.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, pgettext

from applications.blank import form_parts
from applications.blocks import Part
from applications.models import Application, Call, Submission
from applications.reading import Draft, Reading
from portal import typesetting, zones

PORTAL = "Lunar Sample Access"


def application_pdf(
    submission: Submission, *, language: str, anonymous: bool = False, science_alone: bool = False, stamp: str = ""
) -> bytes:
    """Return a submission as PDF: what reviewers read, without what was said about it. `stamp` is on every page.

    Of the `science_alone`, the paper does not even say that a file is attached.

    Raises:
        NotSet: the PDF could not be made.
    """
    with translation.override(language):
        reading = Reading(submission, anonymous=anonymous, advice=False, science_alone=science_alone)
        facts = _facts(reading.document, submission.application.call)
        facts.append((gettext("Submission"), str(submission.number)))
        facts.append((gettext("Received"), _moment(submission.received_at, submission.application.call.zone)))
        kicker = gettext("Application, without names") if reading.anonymous else gettext("Application")
        foot = gettext("SHA-256 of what was submitted: %(sha256)s") % {"sha256": submission.sha256}
        return _set(reading, kicker, facts, foot, language, submission.received_at, stamp)


def draft_pdf(application: Application, *, language: str, anonymous: bool = False) -> bytes:
    """Return a draft as PDF, as reviewers would read it if it were submitted now.

    Raises:
        NotSet: the PDF could not be made.
    """
    with translation.override(language):
        reading = Draft(application, anonymous=anonymous)
        facts = _facts(reading.document, application.call)
        facts.append((gettext("Version"), str(application.version)))
        kicker = gettext("Draft, without names") if anonymous else gettext("Draft")
        foot = gettext("Not submitted.")
        return _set(reading, kicker, facts, foot, language, application.saved_at or application.created_at)


def blank_form_pdf(call: Call, language: str) -> bytes:
    """Return everything an application to a call asks for, with room to write, to plan without the portal.

    Raises:
        NotSet: the PDF could not be made.
    """
    with translation.override(language):
        title = gettext("Blank form: %(call)s") % {"call": call.local_title}
        facts = [(gettext("Address"), f"{settings.SITE_URL}{call.get_absolute_url()}")]
        if call.opens_at and call.closes_at:
            facts.append((gettext("Opens"), _moment(call.opens_at, call.zone)))
            facts.append((gettext("Deadline"), _moment(call.closes_at, call.zone)))
        foot = gettext("To plan. An application is written and submitted in the portal alone.")
        data = _data(form_parts(call), gettext("Blank form"), facts, foot, call.local_title, "")
        return typesetting.typeset("paper", data, language=language, title=title, at=call.announced_at)


def front_pdf(title: str, parts: Iterable[Part], facts: list[tuple[str, str]], *, language: str, at: datetime) -> bytes:
    """Return the first pages of a booklet: what it is, whose, and what it contains.

    Raises:
        NotSet: the PDF could not be made.
    """
    with translation.override(language):
        data = _data(parts, gettext("Booklet"), facts, gettext("Confidential."), title, "")
        return typesetting.typeset("paper", data, language=language, title=title, at=at)


def stamps_pdf(lines: list[str], *, language: str, at: datetime) -> bytes:
    """Return a PDF with a narrow page for each line, to be laid over pages that were set elsewhere.

    Raises:
        NotSet: the PDF could not be made.
    """
    return typesetting.typeset("stamp", {"lines": lines}, language=language, title=PORTAL, at=at)


def _set(
    reading: Reading,
    kicker: str,
    facts: list[tuple[str, str]],
    foot: str,
    language: str,
    at: datetime,
    stamp: str = "",
) -> bytes:
    title = reading.document["title"] or gettext("Without a title")
    data = _data(reading.parts, kicker, facts, foot, title, reading.document["reference"]) | {"stamp": stamp}
    return typesetting.typeset("paper", data, language=language, title=title, at=at)


def _facts(document: Mapping[str, Any], call: Call) -> list[tuple[str, str]]:
    return [(gettext("Reference"), document["reference"]), (gettext("Call"), call.local_title)]


def _data(
    parts: Iterable[Part], kicker: str, facts: list[tuple[str, str]], foot: str, running: str, mark: str
) -> dict[str, Any]:
    return {
        "kicker": f"{PORTAL} · {kicker}",
        "facts": [list(fact) for fact in facts],
        "parts": [part.printed() for part in parts],
        "foot": foot,
        "running": running,
        "mark": mark,
        "missing_lead": gettext("Characters that are printed here as their number:"),
    }


def _moment(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    parts = {"moment": f"{local:%Y-%m-%d %H:%M}", "zone": zones.label(local, zone)}
    return pgettext("moment and zone", "%(moment)s (%(zone)s)") % parts
