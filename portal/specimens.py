"""What the styleguide shows: made-up values for every part, no row of the database."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.drawing import Mark, Site
from portal.errors import NotNow
from portal.paging import Page
from portal.units import MassInput

COLOURS = [
    "bg",
    "surface",
    "surface-2",
    "ink",
    "muted",
    "line",
    "hair",
    "near",
    "far",
    "near-wash",
    "far-wash",
    "ok",
    "warn",
    "bad",
    "ok-wash",
    "warn-wash",
    "bad-wash",
    "heat-1",
    "heat-2",
    "heat-3",
    "heat-4",
    "heat-5",
]
POINTS = [
    ("1", _("Far too much")),
    ("2", _("Too much")),
    ("3", _("Arguable")),
    ("4", _("Justified")),
    ("5", _("The least")),
]


class SpecimenForm(forms.Form):
    """One field of every kind."""

    use_required_attribute = False
    auto_id = "sg_%s"

    least_mass = MassInput(label=_("Least mass"), help_text=_("Below this you would rather have none."))
    mass = MassInput(label=_("Mass you ask for"), help_text=_("Write 1.25 or 1,25."))
    technique = forms.ChoiceField(
        label=_("Technique"), choices=[("ngms", _("Noble-gas mass spectrometry")), ("ct", _("X-ray tomography"))]
    )
    whole = forms.BooleanField(label=_("The whole piece, 36.2 mg"), required=False)
    after_use = forms.ChoiceField(
        label=_("After use"),
        widget=forms.RadioSelect,
        choices=[("returned", _("Returned")), ("consumed", _("Consumed"))],
    )
    question = forms.CharField(
        label=_("Question"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text=_("What do you want to know?"),
    )
    plan = forms.FileField(label=_("Plan as a PDF"), help_text=_("One PDF file of at most 20 MB."))
    amount = forms.ChoiceField(
        label=_("Requested amount"),
        widget=forms.RadioSelect,
        choices=POINTS,
        help_text=_("is it the least that will do?"),
    )


@dataclass
class SpecimenCall:
    """As much of a call as the clocks need."""

    closes_at: datetime
    zone: str = "Asia/Shanghai"


def context() -> dict[str, Any]:
    """Return everything the styleguide's template names."""
    now = clock.now()
    typed = {"least_mass": "30", "mass": "1,250", "technique": "ngms", "whole": "on", "question": "", "amount": "4"}
    return {
        "colours": COLOURS,
        "tones": [
            ("", _("Cannot start yet")),
            ("plain", _("Completed")),
            ("ok", _("Offered")),
            ("warn", _("In progress")),
            ("bad", _("There is a problem")),
        ],
        "near_site": Site("Chang’e-5", 43.0576, -51.9161),
        "far_site": Site("Chang’e-6", -41.63, -153.98),
        "call": SpecimenCall(now.replace(minute=59, second=0, microsecond=0) + timedelta(days=30, hours=5)),
        "moment": now,
        "masses": {name: Decimal(value) for name, value in MASSES.items()},
        "marks": [
            Mark(0, date(2023, 12, 22), gettext("deadline")),
            Mark(126, date(2024, 4, 26), gettext("interviews")),
            Mark(489, date(2025, 4, 24), gettext("selection published")),
        ],
        "specimen": SpecimenForm(typed, auto_id="sg_%s"),
        "clean": SpecimenForm(auto_id="sgc_%s"),
        "tasks": TASKS,
        "facts": [
            (_("Collected"), _("Scoop")),
            (_("Preparation"), _("Powder, divisible")),
            (_("Use class"), _("Research")),
        ],
        "steps": [
            {"title": _("Received"), "is": "done", "when": "2026-10-11"},
            {"title": _("In review"), "is": "now", "text": _("The panel is reading.")},
            {"title": _("Interview"), "is": ""},
        ],
        "page": Page([], "next", "previous"),
        "refusal": NotNow(_("Submitting is closed since 2026-12-22 23:59 (UTC+08:00, Beijing).")),
    }


MASSES = {"initial": "250", "allocated": "50", "asked": "50", "whole": "36.2", "powder": "55000", "sections": "768.3"}
TASKS = [
    {"title": _("Choose samples"), "url": "#lists", "word": _("Completed"), "tone": "plain"},
    {
        "title": _("Describe methods"),
        "url": "#lists",
        "word": _("In progress"),
        "tone": "warn",
        "hint": _("One without a least mass"),
    },
    {
        "title": _("Check and submit"),
        "url": "",
        "word": _("Cannot start yet"),
        "tone": "",
        "hint": _("Opens when the others are done"),
    },
]
