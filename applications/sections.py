"""The parts of an application as tasks: what each asks for, and which gaps belong to it.

What is missing is decided in `applications/rules/eligibility.py`; here it is given a place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Section:
    """One part: `task` says what to do, `title` heads its page, `keys` are those of `eligibility.missing`."""

    code: str
    task: Any
    title: Any
    lead: Any
    keys: tuple[str, ...]
    url_name: str = ""

    @property
    def is_text(self) -> bool:
        """Whether it is one form of plain fields, on the page `apply-section`."""
        return not self.url_name

    def gaps(self, complaints: Mapping[str | None, Sequence[Any]]) -> list[Any]:
        """Return what is missing here."""
        return [words for key in self.keys for words in complaints.get(key, ())]


SECTIONS = (
    Section(
        "eligibility",
        _("Confirm eligibility"),
        _("Eligibility"),
        _("Who can apply, as the call says; and the language you write in."),
        ("confirms_eligibility",),
    ),
    Section(
        "samples",
        _("Choose samples and the least mass"),
        _("Samples and least mass"),
        _("Ask for what the question needs and no more. The panel scores how well the mass is argued."),
        ("requests", "groups"),
        "requests-list",
    ),
    Section(
        "science",
        _("Explain the science"),
        _("The science"),
        _("What you want to find out, and how you will go about it."),
        ("title", "question", "plan", "what_changed"),
    ),
    Section(
        "methods",
        _("Describe methods and least mass"),
        _("Methods and least mass"),
        _("Technique, mass per run, number of runs, and why less would not do."),
        ("methods",),
    ),
    Section(
        "laboratory",
        _("Show laboratory and custody"),
        _("Laboratory and custody"),
        _("The institution that would sign the agreement, its instruments, and how the material is kept."),
        ("institution", "laboratory", "custody"),
    ),
    Section(
        "places",
        _("Name every place of the material"),
        _("Places"),
        _("Every place where material would be, also shared facilities: who holds it, how much, when, who carries it."),
        ("places",),
        "team-places",
    ),
    Section(
        "team",
        _("Name team and conflicts"),
        _("Team and conflicts"),
        _("Who works with you. Somebody who has not confirmed yet does not hold up the application."),
        (),
        "team-list",
    ),
    Section(
        "file",
        _("Add one PDF"),
        _("The PDF"),
        _("Figures, tables and references, in one file."),
        ("file",),
        "attachments-file",
    ),
    Section(
        "summary",
        _("Say what may be public"),
        _("What may be public"),
        _("If you are selected, title, summary, institution and masses become public when the results are released."),
        ("public_title", "public_summary"),
    ),
    Section(
        "declarations",
        _("Make the declarations"),
        _("Declarations"),
        _("The principal investigator makes them for the whole team."),
        ("declared",),
        "declarations-declare",
    ),
    Section(
        "authorisations",
        _("State the authorisations"),
        _("Authorisations"),
        _("A law or funder rule on your side may ask for one, per mission and institution. Pending blocks nothing."),
        ("authorisations",),
        "declarations-authorisations",
    ),
)
# The places on their pages where something is mended; every other key is the id of its field.
ANCHORS = {
    "requests": "main",
    "groups": "groups",
    "institution": "id_institution_name",
    "places": "id_institution_name",
    "authorisations": "main",
}
BY_CODE = {section.code: section for section in SECTIONS}
TEXT_SECTIONS = tuple(section for section in SECTIONS if section.is_text)
