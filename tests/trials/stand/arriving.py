"""Says of every request when it arrived. With `GUARD=off` the deadline is not asked at all: the control."""

import os
from collections.abc import Callable

from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from applications.rules import eligibility
from portal import clock

if os.environ.get("GUARD") == "off":
    eligibility.in_time = lambda moment: Q(pk__isnull=False)


class Arrival:
    """Says when the request arrived."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["X-Arrival"] = clock.now().isoformat()
        return response
