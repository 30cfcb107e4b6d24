"""Logs what auditors read. A view calls `reading` after it has fetched its object."""

from typing import Any

from django.db import models
from django.http import HttpRequest

from portal.audit.trail import record
from portal.roles import AUDITOR
from portal.web import afterwards


def reading(request: HttpRequest, about: models.Model, **facts: Any) -> None:
    """Record that an auditor opened an object; nothing for anybody else."""
    if request.user.is_authenticated and AUDITOR.code in request.user.portal_roles:
        verb = f"{about._meta.model_name}.read"
        afterwards(request, lambda: _record(verb, about, request.user, facts))


def reading_list(request: HttpRequest, name: str, filters: list[str]) -> None:
    """Record that somebody looked at a list that is only read by auditors, with the names of the filters used."""
    afterwards(request, lambda: _record(f"{name}.read", request.user, request.user, {"filters": filters}))


def _record(verb: str, about: Any, user: Any, facts: dict[str, Any]) -> None:
    record(verb, about, by=user, facts=facts)
