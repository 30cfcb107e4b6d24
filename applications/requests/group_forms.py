"""The forms of groups: which requests belong together and how; a pair of both sides in one step."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.draft_forms import DraftForm, Other, Prose, other_of
from applications.enums import GroupKind
from applications.models import Application, CallSample, DraftGroup, DraftRequest
from applications.requests.grouping import TEXTS
from portal.units import MassInput
from samples.enums import Hemisphere, Preparation

UP, DOWN = "up", "down"


class GroupForm(DraftForm):
    """A group: its requests are ticked in their order, and so is what its least useful set needs."""

    texts = ("name", "kind", *TEXTS)
    name = forms.CharField(
        label=_("Name of the group"), max_length=120, help_text=_("The panel calls it by this name.")
    )
    kind = forms.ChoiceField(label=_("How they belong together"), choices=GroupKind.choices, widget=forms.RadioSelect)
    members = forms.MultipleChoiceField(label=_("Requests of this group"), required=False)
    least = forms.MultipleChoiceField(label=_("Part of the least useful set"), required=False)
    least_set = Prose(
        label=_("The least useful set, and why"),
        max_length=2000,
        rows=3,
        help_text=_("What of this group would still answer the question if the rest were not given."),
    )
    matching = Prose(
        label=_("What must match: kind, grain size, method"),
        max_length=2000,
        rows=3,
        help_text=_("For a comparison of both sides: what has to be alike so that a difference means something."),
    )
    first = Prose(label=_("What is measured first, and why"), max_length=2000, rows=3)
    comparison = Prose(
        label=_("Comparison material already held"),
        max_length=2000,
        rows=3,
        help_text=_("Meteorites, earlier loans, simulants: what you have, and what it cannot tell."),
    )

    def __init__(self, *args: Any, group: DraftGroup | None, lines: Sequence[DraftRequest], **kwargs: Any) -> None:
        self.group, self.lines = group, list(lines)
        self.parts = [group.part] if group else []
        super().__init__(*args, **kwargs)
        choices = [(str(line.uid), line.sample.catalogue_number) for line in self.lines]
        for name in ("members", "least"):
            field: Any = self.fields[name]
            field.choices = choices
            field.error_messages["invalid_choice"] = _(
                "One of these requests is not in this application any more. Tick again what belongs together."
            )

    def saved_values(self, application: Application) -> dict[str, Any]:
        if self.group is None or self.group.pk is None:
            number = application.draft_groups.count() + 1
            return {"kind": GroupKind.NEEDS_ALL, "name": gettext("Group %(number)s") % {"number": number}}
        own = self._own()
        return {
            **{name: getattr(self.group, name) for name in self.texts},
            "members": [str(line.uid) for line in own],
            "least": [str(line.uid) for line in own if line.in_least_set],
        }

    def changes(self) -> dict[str, Any]:
        """Return what `grouping.put_group` takes, a request moved up or down where that was asked for."""
        members = [UUID(uid) for uid in self.cleaned_data["members"]]
        _move(members, self.data.get("move", ""))
        least = {UUID(uid) for uid in self.cleaned_data["least"]}
        said = {name: self.cleaned_data[name] for name in self.texts}
        return {**said, "members": members, "least": least, "version": self.cleaned_data["version"]}

    def rows(self) -> list[dict[str, Any]]:
        """Return every request of the draft with its ticks, as typed or saved: those of the group first."""
        members = [str(uid) for uid in self["members"].value() or []]
        least = {str(uid) for uid in self["least"].value() or []}
        new = self.group is None or self.group.pk is None
        place = {uid: number for number, uid in enumerate(members)}
        ordered = sorted(self.lines, key=lambda line: place.get(str(line.uid), len(members)))
        return [
            {
                "line": line,
                "is_member": str(line.uid) in place,
                "in_least": str(line.uid) in least or (not self.is_bound and (new or str(line.uid) not in place)),
                "elsewhere": line.group if line.group and line.group != self.group else None,
                "is_first": place.get(str(line.uid)) == 0,
                "is_last": place.get(str(line.uid)) == len(members) - 1,
            }
            for line in ordered
        ]

    def others(self) -> list[Other]:
        """Return what the group says now where it differs, its requests among it."""
        saved, typed = self.saved_values(self.application), self.cleaned_data
        found = [
            other_of(self[name], saved.get(name, ""), typed[name])
            for name in self.texts
            if saved.get(name) != typed[name]
        ]
        numbers = {str(line.uid): line.sample.catalogue_number for line in self.lines}
        for name in ("members", "least"):
            theirs, mine = ("\n".join(numbers[uid] for uid in said.get(name, [])) for said in (saved, typed))
            found += [Other(self[name].label, theirs, mine)] if theirs != mine else []
        return found

    def _own(self) -> list[DraftRequest]:
        assert self.group is not None
        return sorted((line for line in self.lines if line.group_id == self.group.pk), key=lambda line: line.rank)


def _move(members: list[UUID], asked: str) -> None:
    """Let a request change places with its neighbour: `up:<uid>` or `down:<uid>`; anything else moves nothing."""
    way, _colon, uid = asked.partition(":")
    at = next((number for number, member in enumerate(members) if str(member) == uid), None)
    other = None if at is None else at - 1 if way == UP else at + 1 if way == DOWN else None
    if at is not None and other is not None and 0 <= other < len(members):
        members[at], members[other] = members[other], members[at]


class PairForm(forms.Form):
    """One sample of each side, of the same kind; what they share is said on the page of the group."""

    use_required_attribute = False
    near = forms.ChoiceField(label=_("From the near side"))
    far = forms.ChoiceField(
        label=_("From the far side"), help_text=_("Of the same kind as the one from the near side.")
    )
    asked_mg = MassInput(
        label=_("Mass of each"), required=False, help_text=_("Of powders only; what you asked for already stays.")
    )
    name = forms.CharField(label=_("Name of the group"), max_length=120)

    def __init__(self, *args: Any, offers: Iterable[CallSample], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.samples = {offer.sample.catalogue_number: offer.sample for offer in offers}
        for side in Hemisphere.values:
            field: Any = self.fields[side]
            field.choices = [("", _("Choose one")), *self._of(side)]

    def _of(self, side: str) -> list[tuple[Any, list[tuple[str, str]]]]:
        own = [sample for sample in self.samples.values() if sample.mission.hemisphere == side]
        own.sort(key=lambda sample: (Preparation.values.index(sample.preparation), sample.catalogue_number))
        return [
            (Preparation(kind).label, [(one.catalogue_number, _named(one)) for one in same])
            for kind, same in groupby(own, key=lambda sample: sample.preparation)
        ]

    def changes(self) -> dict[str, Any]:
        """Return what `grouping.pair` takes."""
        chosen = {side: self.samples[self.cleaned_data[side]] for side in Hemisphere.values}
        return {**chosen, "name": self.cleaned_data["name"], "asked_mg": self.cleaned_data["asked_mg"]}


def _named(sample: Any) -> str:
    return f"{sample.catalogue_number} – {sample.local_description}" if sample.local_description else str(sample)
