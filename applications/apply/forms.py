"""The forms of the task list: texts, and the one that submits. Completeness is asked only at the end."""

from operator import attrgetter
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.draft_forms import DraftForm, Prose
from applications.enums import ApplicationLanguage, CareerStage
from applications.models import Application, Call
from portal.accounts.forms import InstitutionMixin


class EligibilityForm(DraftForm):
    """That the conditions of the call are met, the language of the application, and what is told freely."""

    texts = ("confirms_eligibility", "language", "career_stage", "is_first_time")
    confirms_eligibility = forms.BooleanField(label=_("We meet the conditions of the call"), required=False)
    language = forms.ChoiceField(
        label=_("Language of the application"),
        choices=ApplicationLanguage.choices,
        widget=forms.RadioSelect,
        help_text=_("How well it is written is no criterion."),
    )
    career_stage = forms.ChoiceField(
        label=_("Career stage of the principal investigator"),
        choices=[("", _("Not stated")), *CareerStage.choices],
        required=False,
        help_text=_("Never shown to reviewers or the panel; counted only over many applications."),
    )
    is_first_time = forms.NullBooleanField(
        label=_("First application for returned samples"),
        required=False,
        widget=forms.NullBooleanSelect,
        help_text=_("Never shown to reviewers or the panel; counted only over many applications."),
    )


class ScienceForm(DraftForm):
    """Title, question and plan."""

    texts = ("title", "question", "plan", "what_changed")
    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=200,
        help_text=_("For the panel. What becomes public is written apart."),
        widget=forms.TextInput(attrs={"size": "60"}),
    )
    question = Prose(label=_("Scientific question"), help_text=_("What would be known that is not known now?"))
    plan = Prose(label=_("Research plan"), rows=14, help_text=_("Steps, time and who does what."))
    what_changed = Prose(
        label=_("What changed since the earlier application"), rows=6, help_text=_("The panel reads it.")
    )

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        if application.cloned_from_id is None:
            self.texts = tuple(name for name in self.texts if name != "what_changed")
        super().__init__(*args, application=application, **kwargs)
        if application.cloned_from_id is None:
            del self.fields["what_changed"]


class MethodsForm(DraftForm):
    """Methods and why less mass would not do."""

    texts = ("methods",)
    methods = Prose(
        label=_("Methods and least mass"),
        rows=14,
        help_text=_("For each technique: mass per run in mg, number of runs, loss, and what is left."),
    )


class SummaryForm(DraftForm):
    """What may be public. Whether the principal investigator is named, they declare themselves."""

    texts = ("public_title", "public_summary")
    public_title = forms.CharField(
        label=_("Public title"),
        required=False,
        max_length=200,
        help_text=_("For readers outside the field; it becomes public if you are selected."),
        widget=forms.TextInput(attrs={"size": "60"}),
    )
    public_summary = Prose(
        label=_("Public summary"),
        rows=6,
        help_text=_("Three or four sentences for readers outside the field."),
    )


class LaboratoryForm(InstitutionMixin, DraftForm):
    """The institution that would sign the agreement, chosen from those known or typed; laboratory and custody."""

    texts = ("laboratory", "custody")
    laboratory = Prose(
        label=_("Laboratory"),
        rows=8,
        help_text=_("Instruments, their blanks and limits, and who has worked on them."),
    )
    custody = Prose(
        label=_("Custody"),
        rows=6,
        help_text=_("How the material is stored, opened, logged and guarded, and who has access."),
    )
    field_order = ["institution_name", "country_or_region", "department", "laboratory", "custody"]

    def saved_values(self, application: Application) -> dict[str, Any]:
        place = application.institution
        return super().saved_values(application) | {
            "institution_name": place.name if place else "",
            "country_or_region": place.country_or_region if place else "",
        }

    def changes(self) -> dict[str, Any]:
        return super().changes() | {"institution": self.institution()}


SECTION_FORMS: dict[str, type[DraftForm]] = {
    "science": ScienceForm,
    "methods": MethodsForm,
    "summary": SummaryForm,
    "laboratory": LaboratoryForm,
    "eligibility": EligibilityForm,
}


class SubmitForm(forms.Form):
    """Nothing but the version that was read: the submission itself is one small request without a file."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)


class CloneForm(forms.Form):
    """Into which call an earlier application is copied, and what is different from it."""

    use_required_attribute = False
    call = forms.ModelChoiceField(
        Call.objects.none(), label=_("Call"), to_field_name="slug", widget=forms.RadioSelect, empty_label=None
    )
    what_changed = Prose(
        label=_("What changed since the earlier application"),
        rows=6,
        help_text=_("Some sentences for the panel. You can go on writing it later, under the science."),
    )

    def __init__(self, *args: Any, calls: list[Call], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["call"]
        field.queryset = Call.objects.filter(pk__in=[call.pk for call in calls]).order_by("closes_at", "slug")
        field.label_from_instance = attrgetter("local_title")
