"""The deadline at a running server, in short; in full, at the real one, `tests/trials/test_deadline.py`.

And what meets at the boundary: submit and extend, submit and submit.
"""

from datetime import timedelta
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from applications.apply import actions
from applications.calls import actions as calls
from applications.models import Call, Submission
from portal import clock
from portal.errors import NotNow
from tests.factories.applications import DAY, call_of, draft_of
from tests.factories.rush import drafts, misjudged, submit_around

SECOND = timedelta(seconds=1)


@pytest.mark.django_db(transaction=True)
def test_submissions_around_the_deadline_are_judged_by_their_arrival(live_server: LiveServer) -> None:
    call = call_of()
    waiting = drafts(call, 16, 4)
    port = urlsplit(live_server.url).port
    assert port is not None
    with urlopen(f"{live_server.url}/calls/{call.slug}/") as answer:
        assert answer.status == 200
    call.closes_at = timezone.now() + 5 * SECOND
    Call.objects.filter(pk=call.pk).update(closes_at=call.closes_at)
    sent = submit_around(call.closes_at, waiting, port, 3.0)
    assert misjudged(sent, call.closes_at) == []
    assert {one.status for one in sent} == {303, 409}
    assert Submission.objects.count() == sum(one.status == 303 for one in sent)


@pytest.mark.django_db
def test_an_extension_lets_in_what_arrives_before_the_new_deadline_and_nothing_at_it() -> None:
    call = call_of()
    early, late = draft_of(call), draft_of(call)
    assert call.closes_at is not None
    old = call.closes_at
    with clock.set_to(old - SECOND):
        calls.extend(call, by=call.announced_by, closes_at=old + DAY, reason="A holiday was forgotten.")
    with clock.set_to(old):
        assert actions.submit(early, by=early.principal_investigator)
    with clock.set_to(old + DAY), pytest.raises(NotNow):
        actions.submit(late, by=late.principal_investigator)
    with clock.set_to(old + DAY - SECOND):
        assert actions.submit(late, by=late.principal_investigator)
