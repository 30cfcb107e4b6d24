"""The API against its own description: calls that schemathesis makes up, by everybody who could ask."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import hypothesis
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from portal.schema import description
from portal.wsgi import application

# A cursor is a text that only the portal can write, and what is right is refused where the state forbids it.
EXCLUDED = [positive_data_acceptance]
SCHEMA = schemathesis.openapi.from_dict(json.loads(description()))
SCHEMA.app = application
OPERATIONS = {
    f"{one.method.upper()} {one.path}": one for one in (result.ok() for result in SCHEMA.get_all_operations())
}


@contextmanager
def one_connection() -> Iterator[None]:
    """Stay in the transaction of the test, as Django's own client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def fuzz(name: str, headers: dict[str, str], examples: int, known: dict[str, str]) -> int:
    """Ask one operation in made-up ways, with these headers; about something that exists half of the time.

    Return how many calls were made; a call that breaks the description, or a fault, raises.
    """
    operation, calls = OPERATIONS[name], 0
    # Where a real token is shown instead of the one made up, that is no invalid one.
    excluded = [*EXCLUDED, ignored_auth] if headers else EXCLUDED

    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operation.as_strategy(), exists=hypothesis.strategies.booleans())
    def ask(case: Any, exists: bool) -> None:
        nonlocal calls
        calls += 1
        if exists:
            case.path_parameters.update({name: known[name] for name in case.path_parameters or {} if name in known})
        response = case.call(headers=headers)
        assert response.status_code < 500, (case.as_curl_command(), response.content[:500])
        case.validate_response(response, excluded_checks=excluded)

    with one_connection():
        ask()
    return calls
