"""What the blank form of a call asks: every question with its limit, samples offered, criteria, declarations, terms.

The questions are the columns of the draft in the order of its tasks (`applications/sections.py`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.blocks import Block, Items, Part, Room, Table, Title, Words
from applications.chapters import DASH
from applications.enums import AuthorisationState, Effect, GroupKind, PlaceKind, TeamRole
from applications.models import (
    Application,
    AuthorisationLine,
    Call,
    Criterion,
    GroupLine,
    Place,
    RequestLine,
    TeamMember,
)
from applications.rules.lengths import limits_of
from applications.sections import SECTIONS, Section
from portal.units import format_mass
from samples.enums import Preparation

SMALL, LINE = 22, 11  # mm of room for some sentences, for one line
MM_PER_WORD = 0.22
OPTIONAL = ("career_stage", "is_first_time")
QUESTIONS = {
    "eligibility": ("language", "career_stage", "is_first_time"),
    "science": ("title", "question", "plan"),
    "methods": ("methods",),
    "laboratory": ("institution", "laboratory", "custody"),
    "summary": ("public_title", "public_summary"),
}
OF_REQUESTS = ("asked_mg", "least_mg", "technique", "effect", "justification", "contaminants", "alternatives", "runs")
OF_GROUPS = ("kind", "name", "matching", "first", "least_set", "comparison")
OF_PLACES = ("institution", "kind", "facility", "mass_mg", "pieces", "from_on", "until_on", "carrier")
OF_MEMBERS = ("name", "email", "orcid", "role", "institution")
OF_AUTHORISATIONS = ("state", "reference", "expires_on", "expected_on", "note")
CHOICES: dict[tuple[type, str], Any] = {
    (RequestLine, "effect"): Effect,
    (GroupLine, "kind"): GroupKind,
    (Place, "kind"): PlaceKind,
    (TeamMember, "role"): TeamRole,
    (AuthorisationLine, "state"): AuthorisationState,
}


def form_parts(call: Call) -> list[Part]:
    """Return the parts of the blank form of a call, in the language of the page."""
    parts = [Part(section.code, section.title, tuple(_section(call, section))) for section in SECTIONS]
    parts.insert(0, Part("offer", _("Samples offered"), (_offer(call),)))
    parts.append(Part("criteria", _("Criteria"), tuple(_criteria(call))))
    for key, heading, words in (
        ("terms", _("Loan terms"), call.local_terms),
        ("agreement", _("Agreement text"), call.local_agreement),
    ):
        if words:
            parts.append(Part(key, heading, (Words(words),)))
    return parts


def _section(call: Call, section: Section) -> Iterator[Block]:
    yield Words(str(section.lead))
    if section.code == "eligibility" and call.local_eligibility:
        yield Words(call.local_eligibility)
    for name in QUESTIONS.get(section.code, ()):
        yield from _question(call, name)
    if section.code in LISTS:
        yield from LISTS[section.code](call)


def _question(call: Call, name: str) -> Iterator[Block]:
    column: Any = Application._meta.get_field(name)
    yield Title(capfirst(column.verbose_name))
    choices = [str(label) for _value, label in getattr(column, "choices", None) or ()]
    if name in OPTIONAL:
        yield Words(gettext("Optional; who judges does not see it."))
    if limit := limits_of(call, name):
        yield Words(_limit(limit))
        yield Room(max(SMALL, round(limit.get("words", 0) * MM_PER_WORD)))
    elif column.get_internal_type() == "BooleanField":
        yield Items((_("Yes"), _("No")))
    elif choices:
        yield Items(tuple(choices))
    else:
        yield Room(LINE)


def _limit(limit: Mapping[str, int]) -> str:
    words = _("At most %(words)s words in English or %(characters)s characters in Chinese.")
    return str(words % {"words": limit.get("words", DASH), "characters": limit.get("characters", DASH)})


def _fields(model: Any, names: tuple[str, ...]) -> Items:
    """List what one entry of a list asks, with the choices there are."""
    return Items(tuple(_field(model, name) for name in names))


def _field(model: Any, name: str) -> str:
    label = capfirst(str(model._meta.get_field(name).verbose_name))
    choices = CHOICES.get((model, name))
    if choices is None:
        return label
    return gettext("%(label)s: %(choices)s") % {"label": label, "choices": " / ".join(map(str, choices.labels))}


# --- The lists ---------------------------------------------------------------------------------------------


def _requests(call: Call) -> Iterator[Block]:
    yield Title(_("For each sample"))
    yield _fields(RequestLine, OF_REQUESTS)
    yield Room(SMALL * 2)
    yield Title(_("For each group of samples that belong together"))
    yield _fields(GroupLine, OF_GROUPS)
    yield Room(SMALL)


def _places(call: Call) -> Iterator[Block]:
    yield Title(_("For each place"))
    yield _fields(Place, OF_PLACES)
    yield Room(SMALL)


def _team(call: Call) -> Iterator[Block]:
    yield Title(_("For each member"))
    yield _fields(TeamMember, OF_MEMBERS)
    yield Room(SMALL)


def _file(call: Call) -> Iterator[Block]:
    words = _("One PDF of at most %(pages)s pages and 20 MB, without password.")
    yield Words(str(words % {"pages": call.file_page_limit}))


def _declarations(call: Call) -> Iterator[Block]:
    for one in call.declarations.all():
        yield Title(one.get_kind_display() if one.is_required else _("If it applies"))
        yield Words(one.local_text)
        if one.asks_details:
            yield Room(LINE)


def _authorisations(call: Call) -> Iterator[Block]:
    yield Title(_("For each mission at each institution that would hold material"))
    yield _fields(AuthorisationLine, OF_AUTHORISATIONS)
    yield Room(SMALL)


LISTS = {
    "samples": _requests,
    "places": _places,
    "team": _team,
    "file": _file,
    "declarations": _declarations,
    "authorisations": _authorisations,
}


def _offer(call: Call) -> Table:
    rows = tuple(
        (
            offer.sample.catalogue_number,
            offer.sample.mission.local_name,
            Preparation(offer.sample.preparation).label,
            format_mass(offer.offered_mg) if offer.offered_mg else gettext("whole piece"),
        )
        for offer in call.offers.select_related("sample__mission")
    )
    head = (_("Sample"), _("Mission"), _("Kind"), _("Offered"))
    return Table(_("Samples offered"), head, rows, right=frozenset({3}), ids=True)


def _criteria(call: Call) -> Iterator[Block]:
    for criterion in call.criteria.all():
        name = _("%(criterion)s, weight %(weight)s %%")
        yield Title(name % {"criterion": criterion.local_name, "weight": f"{criterion.weight.normalize():f}"})
        yield Items(tuple(_anchors(criterion)))


def _anchors(criterion: Criterion) -> Iterator[str]:
    for points, words in criterion.points:
        yield gettext("%(points)s: %(words)s") % {"points": points, "words": words}
