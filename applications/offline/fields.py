"""What an offline form asks of one review, as plain text by key: what is saved, what was typed, what is wrong with it.

Form (`text_form.py`) and sheet (`sheet.py`) write and read the same keys, such as `score significance`. A key that a
file does not have stays as it is saved.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.enums import Anonymity, Confidence
from applications.models import Criterion, SampleRequest
from applications.offline.queries import Held
from applications.reviewing import LONGEST_REASON, LONGEST_TEXT, Opinion
from portal.errors import Invalid
from portal.units import format_mass, parse_mass, plain_mass

NOT_APPLICABLE = "NA"
VERSION = re.compile(r"(\d{1,9})-([0-9a-f]{12})")
# What no text of the database or no cell of a sheet may have.
CLEANED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
TEXTS: Mapping[str, tuple[Any, Any]] = {
    "for_applicant": (
        gettext_lazy("To the applicant"),
        gettext_lazy("The applicant reads this after the decision is released, without your name."),
    ),
    "for_panel": (
        gettext_lazy("To the panel"),
        gettext_lazy(
            "The chair reads this once you have sent your review, and so do the reviewers who have sent theirs."
        ),
    ),
    "private_note": (gettext_lazy("Private note"), gettext_lazy("Only you ever read this.")),
}


# In open calls instead of what stands above, as on the page.
SIGNED = gettext_lazy("The applicant reads this after the decision is released, with your name.")


@dataclass(frozen=True)
class Asked:
    """One field: its key, what it is called, what is said about it, and how it reads what was typed."""

    key: str
    heading: str
    hints: tuple[str, ...]
    read: Callable[[str], str]


@dataclass(frozen=True)
class Typed:
    """What stands in a file, and where: `line 12`, `cell D3`."""

    text: str
    place: str


@dataclass(frozen=True)
class Fault:
    """What is wrong in a file: where, in which field, and why. `field` is empty where it is no field."""

    file: str
    place: str
    field: str
    reason: str

    def kept(self) -> dict[str, str]:
        """Return it as it waits in the database."""
        return {"file": self.file, "place": self.place, "field": self.field, "reason": self.reason}


@dataclass
class Entry:
    """What a file says about one application, before anybody asked whether it is true."""

    file: str
    reference: str = ""
    version: str = ""
    place: str = ""
    values: dict[str, Typed] = field(default_factory=dict)


def plain(text: str) -> str:
    """Return a text as forms and sheets carry it: with plain line ends, and nothing no text may have."""
    return CLEANED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


# --- What is asked --------------------------------------------------------------------------------------


def asked(held: Held) -> dict[str, Asked]:
    """Return the fields of a review by key, in the order of the page, in the language that is set."""
    found = [_score(criterion) for criterion in held.criteria]
    points = tuple(f"{value} = {label}" for value, label in Confidence.choices)
    found.append(Asked("confidence", _("How sure you are"), points, _confidence))
    for request in held.requests:
        found += _opinion(request)
    is_signed = held.application.call.anonymity == Anonymity.OPEN
    for name, (heading, audience) in TEXTS.items():
        readers = SIGNED if is_signed and name == "for_applicant" else audience
        found.append(Asked(f"text {name}", str(heading), (str(readers),), _text(LONGEST_TEXT)))
    return {one.key: one for one in found}


def _score(criterion: Criterion) -> Asked:
    weight = _("Weight %(weight)s %%. Write one of these:") % {"weight": plain_mass(criterion.weight)}
    words = [f"{point} = {said}" for point, said in criterion.points]
    hints = (weight, *words, f"{NOT_APPLICABLE} = {_('Does not apply')}")
    values = {str(point) for point, _said in criterion.points} | {NOT_APPLICABLE}
    return Asked(f"score {criterion.code}", criterion.local_name, hints, _one_of(values))


def _opinion(request: SampleRequest) -> list[Asked]:
    number = request.sample.catalogue_number
    because = Asked(f"because {number}", _("Because"), (number,), _text(LONGEST_REASON))
    if request.whole:
        return [Asked(because.key, because.heading, (f"{number}: {_('the whole piece is asked for')}",), because.read)]
    known = {"number": number, "asked": format_mass(request.asked_mg or Decimal(0))}
    known["least"] = format_mass(request.least_mg or Decimal(0))
    hint = _("%(number)s: asked %(asked)s, least useful %(least)s. Write a mass in mg.") % known
    return [Asked(f"give {number}", _("I would give, in mg"), (hint,), _mass(request)), because]


def _one_of(values: set[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        value = text.strip().upper().replace("N/A", NOT_APPLICABLE)
        if value and value not in values:
            raise Invalid(_("“%(typed)s” is no point of the scale.") % {"typed": shortened(text)}, code="off-the-scale")
        return value

    return read


def _confidence(text: str) -> str:
    value = text.strip()
    if value and value not in {str(one) for one in Confidence.values}:
        raise Invalid(_("Write 1, 2 or 3, or nothing."), code="off-the-scale")
    return value


def _mass(request: SampleRequest) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not text.strip():
            return ""
        mass = parse_mass(text)
        if request.asked_mg is not None and mass > request.asked_mg:
            words = _("%(asked)s were asked; give no more.") % {"asked": format_mass(request.asked_mg)}
            raise Invalid(words, code="more-than-asked")
        return plain_mass(mass)

    return read


def _text(longest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        value = plain(text)
        if len(value) > longest:
            words = _("%(length)s characters are too many: at most %(most)s.")
            raise Invalid(words % {"length": len(value), "most": longest}, code="too-long")
        return value

    return read


def shortened(text: str, longest: int = 40) -> str:
    """Return a piece of what was typed or of how a file is called, on one line, for a complaint."""
    value = " ".join(plain(text).split())
    return value if len(value) <= longest else f"{value[: longest - 1]}…"


# --- What is saved, and what was typed ------------------------------------------------------------------------


def saved(held: Held) -> dict[str, str]:
    """Return what is saved of a review, by the keys that are asked now."""
    review, found = held.review, {f"score {criterion.code}": "" for criterion in held.criteria}
    found["confidence"] = str(review.confidence or "") if review else ""
    for request in held.requests:
        number = request.sample.catalogue_number
        found |= ({} if request.whole else {f"give {number}": ""}) | {f"because {number}": ""}
    found |= {f"text {name}": plain(getattr(review, name)) if review else "" for name in TEXTS}
    if review is None:
        return found
    numbers = {request.pk: request.sample.catalogue_number for request in held.requests}
    for score in review.scores.all():
        if (key := f"score {score.criterion.code}") in found:
            found[key] = NOT_APPLICABLE if score.value is None else str(score.value)
    for opinion in review.mass_opinions.all():
        number = numbers[opinion.request_id]
        found[f"because {number}"] = plain(opinion.because)
        if opinion.would_give_mg is not None:
            found[f"give {number}"] = plain_mass(opinion.would_give_mg)
    return found


def version_of(held: Held) -> str:
    """Return what a form carries to know what it began from: the version saved, and a fingerprint of its words."""
    return f"{held.version}-{fingerprint(saved(held))}"


def fingerprint(values: Mapping[str, str]) -> str:
    """Return twelve digits that are others as soon as a value is."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]


def understood(held: Held, entry: Entry) -> tuple[dict[str, str], list[Fault]]:
    """Return what an entry says about a review, as it would be saved, and what is wrong in it."""
    known, values, faults = asked(held), {}, []
    for key, typed in entry.values.items():
        if key not in known:
            if typed.text.strip():
                words = _("This review does not ask for that.")
                faults.append(Fault(entry.file, typed.place, shortened(key), words))
            continue
        try:
            values[key] = known[key].read(typed.text)
        except Invalid as refusal:
            faults.append(Fault(entry.file, typed.place, known[key].heading, str(refusal.message)))
    if not VERSION.fullmatch(entry.version.strip()):
        words = _("The version was changed. Leave it as it is in the pack.")
        faults.append(Fault(entry.file, entry.place, _("Version"), words))
    return values, faults


def content(held: Held, values: Mapping[str, str]) -> dict[str, Any]:
    """Return what the action of reviews takes, from values of every key that is asked."""
    scores = {criterion.code: values[f"score {criterion.code}"] for criterion in held.criteria}
    opinions = {}
    for request in held.requests:
        number = request.sample.catalogue_number
        give = values.get(f"give {number}", "")
        opinions[str(request.uid)] = Opinion(Decimal(give) if give else None, values[f"because {number}"])
    return {
        "scores": {code: None if value == NOT_APPLICABLE else int(value) for code, value in scores.items() if value},
        "confidence": int(values["confidence"]) if values["confidence"] else None,
        "mass_opinions": opinions,
        **{name: values[f"text {name}"] for name in TEXTS},
    }
