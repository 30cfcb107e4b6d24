"""Counts the SQL of a page, for the budgets of lists."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

MOST_QUERIES = 12
FRAME = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK", "SELECT portal_now", "SET TRANSACTION")


def queries_of(client: Client, path: str) -> list[str]:
    """Return the SQL a page needs, without what frames every request: its transaction and its arrival."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(FRAME)]
