"""What the principal investigator declares, and what either side states of authorisations."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from applications.declarations.actions import NAMES
from applications.declarations.statements import SAID, Statement
from applications.differences import Piece, compared
from applications.draft_forms import DayField, DraftForm, PdfField, Prose
from applications.enums import AuthorisationState, DeclarationKind
from applications.models import Application, AuthorisationLine, CallDeclaration
from applications.rules.authorisations import Pair, complaints_about

LONGEST_DETAILS = 4000
DAYS = ("expires_on", "expected_on")
DETAILS = {
    DeclarationKind.FUNDING: _(
        "One source per line: its name, the country or region it is in, and what it forbids or asks for; "
        "“none” where it has no restriction."
    )
}


@dataclass(frozen=True)
class Item:
    """One declaration on the page: its fields, and whether an earlier wording of it was declared."""

    declaration: CallDeclaration
    made: BoundField
    details: BoundField | None
    seen: BoundField
    earlier: Mapping[str, Any] | None

    @property
    def is_reworded(self) -> bool:
        """Whether what was declared is not what the sentence says now."""
        return bool(self.earlier and self.earlier.get("version") != self.declaration.version)

    @property
    def is_made(self) -> bool:
        """Whether it is declared in the wording of now."""
        return bool(self.earlier) and not self.is_reworded

    @property
    def words(self) -> str:
        """The words that the draft keeps with it."""
        return (self.earlier or {}).get("details", "")

    @cached_property
    def difference(self) -> tuple[list[Piece], list[Piece]] | None:
        """What was declared and what the sentence says now, in pieces; None where the earlier words are not kept."""
        name = "text_zh" if self.declaration.local_text != self.declaration.text else "text"
        before = (self.earlier or {}).get(name, "")
        return compared(before, self.declaration.local_text) if before else None


class DeclarationsForm(DraftForm):
    """The declarations of a call, each with its words, what it asks for besides, and the wording that was read."""

    parts = ("declared", NAMES)

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        self.declarations = list(application.call.declarations.all())
        super().__init__(*args, application=application, **kwargs)
        for one in self.declarations:
            self._add(one, application.declared.get(one.code) or {})
        self.fields[NAMES] = forms.BooleanField(
            label=_("The principal investigator may be named in public"),
            required=False,
            initial=application.names_principal_investigator,
            help_text=_("Without this, a selection is published under the institution alone."),
        )

    def _add(self, one: CallDeclaration, made: Mapping[str, Any]) -> None:
        self.fields[f"made-{one.code}"] = forms.BooleanField(
            label=one.local_text, required=False, initial=made.get("version") == one.version
        )
        self.fields[f"seen-{one.code}"] = forms.IntegerField(
            widget=forms.HiddenInput, required=False, initial=one.version, min_value=0, max_value=2**15 - 1
        )
        if one.asks_details:
            self.fields[f"details-{one.code}"] = Prose(
                label=_("Your words"),
                rows=4,
                max_length=LONGEST_DETAILS,
                initial=made.get("details", ""),
                help_text=DETAILS.get(DeclarationKind(one.kind), ""),
            )

    def clean(self) -> dict[str, Any] | None:
        """What is declared comes with the words it asks for; a draft may leave both."""
        cleaned = super().clean()
        for one in self.declarations:
            name = f"details-{one.code}"
            if name in self.cleaned_data and self.cleaned_data[f"made-{one.code}"] and not self.cleaned_data[name]:
                self.add_error(name, forms.ValidationError(_("Fill in the words that this declaration asks for.")))
        return cleaned

    def changes(self) -> dict[str, Any]:
        """Return what `actions.declare` takes."""
        data = self.cleaned_data
        made = [one.code for one in self.declarations if data[f"made-{one.code}"]]
        return {
            "answers": {code: data.get(f"details-{code}", "") for code in made},
            "seen": {one.code: data[f"seen-{one.code}"] for one in self.declarations},
            "version": data["version"],
            "names": data.get(NAMES),
        }

    def items(self) -> Iterator[Item]:
        """Yield every declaration as the page shows it."""
        for one in self.declarations:
            details = self[f"details-{one.code}"] if one.asks_details else None
            earlier = self.application.declared.get(one.code)
            yield Item(one, self[f"made-{one.code}"], details, self[f"seen-{one.code}"], earlier)

    def show_new_wording(self) -> None:
        """After a refusal: take the wording that stands now, with no consent to it yet; what was typed stays."""
        data = self.data.copy()
        for one in self.declarations:
            if data.get(f"seen-{one.code}") != str(one.version):
                data[f"seen-{one.code}"] = str(one.version)
                data.pop(f"made-{one.code}", None)
        self.data = data

    def others(self) -> list[Any]:
        """What another window declared meanwhile stands on the page by itself."""
        return []


@dataclass(frozen=True)
class Row:
    """One mission at one institution on the page, with its fields and what stands beside it."""

    pair: Pair
    fields: list[BoundField]
    stated: AuthorisationLine | None

    @property
    def key(self) -> str:
        """How the page calls it."""
        return f"{self.pair[0].code}-{self.pair[1].key}"


class StatementsForm(forms.Form):
    """What is stated for several missions and institutions at once, on one page."""

    use_required_attribute = False
    must_say_all = True

    def __init__(
        self, *args: Any, pairs: Sequence[Pair], stated: Mapping[Any, AuthorisationLine], **kwargs: Any
    ) -> None:
        self.pairs, self.stated = pairs, stated
        super().__init__(*args, **kwargs)
        for pair in pairs:
            present = self._present(pair)
            for name, made in _statement_fields().items():
                made.initial = getattr(present, name) if present else None
                self.fields[_field(name, pair)] = made

    def clean(self) -> dict[str, Any] | None:
        """Each statement by itself; in a draft one may be left open."""
        cleaned = super().clean()
        for pair in self.pairs:
            said = self._said(pair)
            if not any(said.values()) and not self.must_say_all:
                continue
            for name, words in complaints_about(said["state"], said["reference"]).items():
                if _field(name, pair) not in self.errors:
                    self.add_error(_field(name, pair), forms.ValidationError(words, code=name))
        return cleaned

    def statements(self) -> list[Statement]:
        """Return what was stated; nothing for what was left open."""
        said = [(pair, self._said(pair)) for pair in self.pairs]
        return [Statement(*pair, **words) for pair, words in said if words["state"]]

    def rows(self) -> list[Row]:
        """Return the missions and institutions with their fields, for the page."""
        return [Row(pair, [self[_field(name, pair)] for name in SAID], self._present(pair)) for pair in self.pairs]

    def _present(self, pair: Pair) -> AuthorisationLine | None:
        return self.stated.get((pair[0].pk, pair[1].pk))

    def _said(self, pair: Pair) -> dict[str, Any]:
        found = {name: self.cleaned_data.get(_field(name, pair)) for name in SAID}
        return {name: value or (None if name in DAYS else "") for name, value in found.items()}


class DraftStatementsForm(StatementsForm, DraftForm):
    """The same in a draft, where anything may be left open; with the version its writer had before them."""

    must_say_all = False

    @property
    def parts(self) -> list[str]:
        """What a draft calls these statements."""
        return [Statement(*pair, "").part for pair in self.pairs]

    def saved_values(self, application: Application) -> dict[str, Any]:
        return {_field(name, pair): getattr(self._present(pair), name, None) for pair in self.pairs for name in SAID}


def _field(name: str, pair: Pair) -> str:
    """Return the name of a field for one mission and institution, the same whatever others there are."""
    return f"{name}-{pair[0].code}-{pair[1].key}"


def _statement_fields() -> dict[str, forms.Field]:
    return {
        "state": forms.ChoiceField(
            label=_("Does a law or funder rule on your side ask for an authorisation?"),
            choices=AuthorisationState.choices,
            widget=forms.RadioSelect,
            required=False,
        ),
        "reference": forms.CharField(
            label=_("Reference"),
            required=False,
            max_length=120,
            help_text=_("Of what was obtained, or of what was asked for."),
        ),
        "expires_on": DayField(label=_("Expires"), help_text=_("Where it was obtained. For example 2027-06-30.")),
        "expected_on": DayField(label=_("Expected"), help_text=_("Where it is pending. For example 2027-03-01.")),
        "note": Prose(label=_("Note"), rows=2, max_length=1000),
    }


class EvidenceForm(forms.Form):
    """One PDF as evidence."""

    use_required_attribute = False
    file = PdfField()
