"""Tags of forms: field, error summary, scale, the way out when an action is closed. A builtin, as `instruments.py`.

`{{ form }}` and `{{ form.field.as_field_group }}` come out the same: `templates/django/forms/` uses these tags.
"""

import uuid
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, RadioSelect, Textarea
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from portal.errors import Refused

register = template.Library()


@register.inclusion_tag("_parts/field.html")
def field(
    bound: BoundField,
    *,
    hint: str = "",
    unit: str = "",
    audience: str = "",
    optional: bool = False,
    legend_class: str = "",
) -> dict[str, Any]:
    """Show a field with label, hint, error and control tied together for everybody.

    Args:
        bound: the field of a form.
        hint: stands instead of the field's help text.
        unit: after the control; a field with a `unit` (a mass) brings its own.
        audience: who will read the answer, said below the control.
        optional: say so beside the label.
        legend_class: `visually-hidden` where a heading beside the group already says it.
    """
    hint = hint or str(bound.help_text or "")
    limits = _limits(bound)
    described = _described(bound, bool(hint or limits), bool(audience))
    return {
        "field": bound,
        "kind": _kind(bound),
        "hint": hint,
        "limits": limits,
        "unit": unit or getattr(bound.field, "unit", ""),
        "audience": audience,
        "optional": optional,
        "legend_class": legend_class,
        "errors": complaints(bound),
        "described": described,
        "control": bound.as_widget(attrs={"aria-describedby": described} if described else {}),
    }


def _kind(bound: BoundField) -> str:
    widget = bound.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "group"
    return "choice" if isinstance(widget, CheckboxInput) else "line"


def _limits(bound: BoundField) -> str:
    """Say what fits before it is refused: characters of a long text."""
    longest = getattr(bound.field, "max_length", None)
    if longest and isinstance(bound.field.widget, Textarea):
        return gettext("At most %(count)s characters.") % {"count": longest}
    return ""


def _described(bound: BoundField, hint: bool, audience: bool) -> str:
    """Return the ids that describe the control, in the order in which they are read."""
    base = bound.auto_id or bound.html_name
    own = str(bound.field.widget.attrs.get("aria-describedby", "")).split()
    parts = [f"{base}_helptext"] * hint + [f"{base}_error"] * bool(bound.errors) + [f"{base}_audience"] * audience
    return " ".join([*own, *parts])


@register.inclusion_tag("_parts/problem.html")
def problem(*given: Any) -> dict[str, Any]:
    """Say above the page what is wrong: each error once, in the same words, linked to its field.

    Takes forms and formsets.
    """
    found: list[tuple[str, str]] = []
    for one in _forms(given):
        if not one.is_bound or not one.errors:
            continue
        found += [("", str(error)) for error in one.non_field_errors()]
        for name in one.fields:
            bound = one[name]
            found += [(target(bound), words) for words in complaints(bound)]
    for formset in given:
        if isinstance(formset, forms.BaseFormSet) and formset.is_bound:
            found += [("", str(error)) for error in formset.non_form_errors()]
    return {"problems": list(dict.fromkeys(found))}


def _forms(given: tuple[Any, ...]) -> list[forms.BaseForm]:
    found: list[forms.BaseForm] = []
    for one in given:
        if isinstance(one, forms.BaseFormSet):
            found += one.forms
        elif one:
            found.append(one)
    return found


def complaints(bound: BoundField) -> list[str]:
    """Return the errors of a field; one that is missing is named, since the summary stands far from it."""
    found = []
    for error in bound.errors.as_data():
        plain = error.code == "required" and error.message == forms.Field.default_error_messages["required"]
        found += [gettext("“%(label)s” is missing.") % {"label": bound.label}] if plain else error.messages
    return found


def target(bound: BoundField) -> str:
    """Return the id an error links to: the control, or the first one of a group."""
    if bound.field.widget.is_hidden:
        return ""
    base = bound.auto_id or bound.html_name
    return f"{base}_0" if _kind(bound) == "group" else base


@register.inclusion_tag("_parts/scale.html")
def scale(bound: BoundField, hint: str = "") -> dict[str, Any]:
    """Show a scale as a row of points, each with its number and its word; choices are (number, word)."""
    hint = hint or str(bound.help_text or "")
    return {
        "field": bound,
        "hint": hint,
        "errors": complaints(bound),
        "described": _described(bound, bool(hint), False),
    }


@register.simple_tag
def once() -> SafeString:
    """Give a form its idempotency key: sent twice, it is done once (`portal/replay.py`)."""
    return format_html('<input type="hidden" name="_once" value="{}">', uuid.uuid4())


@register.inclusion_tag("_parts/action.html", takes_context=True)
def action_or_reason(
    context: template.Context,
    label: str,
    url: str = "",
    reason: Any = "",
    *,
    tone: str = "",
    post: bool = False,
    small: bool = False,
    about: str = "",
) -> dict[str, Any]:
    """Offer an action, or say why it cannot be done now; never let a button vanish without a word.

    Args:
        label: what the button says.
        url: where it leads; with `post`, where it is sent.
        reason: a sentence or a `Refused`; where it is given, it stands instead of the button.
        tone: `second` or `danger`.
        post: a form of its own instead of a link.
        small: for rows of a table.
        about: what it acts on, for those who hear the button without its row.
    """
    return {
        "label": label,
        "url": url,
        "reason": reason.message if isinstance(reason, Refused) else reason,
        "tone": tone,
        "post": post,
        "small": small,
        "about": about,
        "csrf_token": context.get("csrf_token"),
    }
