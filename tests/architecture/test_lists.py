"""Every list costs the same SQL with one row and with thirty, and fetches no more rows than it shows and a few.

The budget of rows is that of the requirements: four times what is shown, and fifty.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from applications.enums import PanelRole, Status
from portal.audit.trail import record
from portal.notifications.outbox import notify
from tests.factories import applications as rows
from tests.factories.accounts import UserFactory
from tests.factories.exchanges import change_of
from tests.factories.samples import powder

pytestmark = pytest.mark.django_db
MANY = 30
FRAME = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")

# Address, and who opens it.
LISTS = (
    ("/calls/", ""),
    ("/calls/lists/questions/", ""),
    ("/manage/calls/lists/questions/", "administrator"),
    ("/samples/", ""),
    ("/api/v1/calls/", ""),
    ("/api/v1/samples/", ""),
    ("/api/v1/applications/", "principal"),
    ("/my/", "principal"),
    ("/my/notifications/", "principal"),
    ("/manage/calls/", "administrator"),
    ("/manage/applications/", "administrator"),
    ("/manage/changes/", "administrator"),
    ("/manage/calls/lists/standing/", "administrator"),
    ("/manage/publications/", "administrator"),
    ("/manage/people/", "administrator"),
    ("/manage/mail/", "administrator"),
    ("/manage/advice/", "curator"),
    ("/manage/stock/", "curator"),
    ("/manage/audit/", "auditor"),
    ("/manage/audit/applications/", "auditor"),
    ("/review/lists/", "reviewer"),
    ("/review/lists/wishes/", "reviewer"),
    ("/review/lists/asked/", "reviewer"),
    ("/review/lists/free/", "reviewer"),
    ("/panel/lists/", "chair"),
    ("/panel/lists/assignment/", "chair"),
    ("/panel/lists/?show=late", "chair"),
    ("/panel/lists/reminders/", "chair"),
    ("/panel/lists/decisions/", "chair"),
    ("/panel/lists/interviews/", "chair"),
    ("/panel/lists/standing/", "chair"),
)
# The overview counts the hints of a whole call, so it reads each of its applications with the people it names.
WHOLE_CALL = {"/panel/lists/": 20, "/panel/lists/?show=late": 20}
ROWS_EACH = 4


class World:
    """One call whose people open the lists, and rows that are added to all of them at once."""

    def __init__(self) -> None:
        self.people = {"principal": UserFactory(), "chair": UserFactory(), "reviewer": UserFactory()}
        for role in ("administrator", "curator", "auditor"):
            self.people[role] = UserFactory(roles=[role])
        self.call = rows.call_of(slug="lists", chair=self.people["chair"])
        rows.seat(self.call, self.people["reviewer"], PanelRole.REVIEWER)

    def add(self) -> None:
        """Add one of everything that a list shows."""
        statuses = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.INTERVIEWING, Status.DELIBERATED)
        made = [rows.application_of(self.call, self.people["principal"], status) for status in statuses]
        rows.assignment_of(made[1], self.people["reviewer"])
        event = record("application.start", made[0], by=self.people["principal"])
        notify("application-submitted", [self.people["principal"]], about=made[0], event=event)
        rows.call_of(samples=[powder()])
        change_of(made[1])
        for answered in (True, False):
            rows.call_question_of(self.call, answered=answered)


@contextmanager
def watched() -> Iterator[dict[str, Any]]:
    """Count the queries of a block and the rows that they fetched."""
    seen: dict[str, Any] = {"sql": [], "rows": 0}

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if not sql.startswith(FRAME):
            seen["sql"].append(sql)
            seen["rows"] += max(context["cursor"].rowcount, 0)
        return result

    with connection.execute_wrapper(look):
        yield seen


def costs(world: World) -> dict[str, dict[str, Any]]:
    """Open every list once and say what it cost."""
    found = {}
    for path, who in LISTS:
        client = Client()
        if who:
            client.force_login(world.people[who])
            client.get("/my/notifications/")  # the first page after a sign-in is not the one that is measured
        with watched() as seen:
            answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        found[path] = seen
    return found


def test_every_list_costs_the_same_with_one_row_and_with_thirty_and_fetches_little_more_than_it_shows():
    world = World()
    world.add()
    one = costs(world)
    for _ in range(MANY - 1):
        world.add()

    many = costs(world)

    for path, _who in LISTS:
        assert len(many[path]["sql"]) == len(one[path]["sql"]), (path, many[path]["sql"])
        assert many[path]["rows"] <= WHOLE_CALL.get(path, ROWS_EACH) * MANY + 50, (path, many[path]["rows"])
