"""Lists that are narrowed by their address: the form that reads it, and the page that shows what was found."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from portal.errors import Invalid


class Filters(forms.Form):
    """Filters of a list, read from the address. A parameter that is not listed here is refused."""

    BESIDE = frozenset({"cursor"})

    def clean(self) -> dict[str, Any]:
        if set(self.data) - set(self.fields) - self.BESIDE:
            raise ValidationError(_("The address asks for something unknown."), code="unknown-parameter")
        return super().clean() or self.cleaned_data


def show_list(
    request: HttpRequest,
    template: str,
    filters: Filters,
    fetch: Callable[[dict[str, Any], str | None], Mapping[str, Any]],
) -> HttpResponse:
    """Show what `fetch` finds by filters and cursor; an address that cannot be understood is a 400 that says why."""
    try:
        if filters.is_valid():
            found = fetch(filters.cleaned_data, request.GET.get("cursor"))
            return render(request, template, {**found, "filters": filters})
    except Invalid as refusal:
        filters.add_error(None, str(refusal.message))
    return render(request, template, {"form": filters, "filters": filters}, status=400)
