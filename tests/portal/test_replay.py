"""A request sent twice acts once: keys of programs, hidden fields of forms, threads that come at the same moment."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from applications.models import Application
from portal import clock, replay
from portal.accounts.models import ApiToken, User
from portal.audit.models import Event
from portal.models import KeptAnswer
from portal.tasks import forget_kept_answers
from portal.web import SIGNED_IN, access, see
from tests.factories.accounts import UserFactory, token_of
from tests.factories.applications import draft_of, member_of
from tests.programs import API, assert_problem, program

DAY = timedelta(days=1)
barrier = threading.Event()
began = threading.Event()


@access(SIGNED_IN, "POST")
def act(request: HttpRequest) -> HttpResponse:
    """Rename whoever asks, slowly if told: an act of these tests alone."""

    def respond() -> HttpResponse:
        User.objects.filter(pk=request.user.pk).update(department=request.POST.get("department", "x"))
        ApiToken.objects.create(
            user=request.user,
            name="act",
            scopes=["read"],
            prefix="x",
            token_hash=str(ApiToken.objects.count()),
            created_at=clock.now(),
            expires_at=clock.now() + DAY,
        )
        if request.GET.get("wait"):
            began.set()
            barrier.wait(5)
        return see("/done/")

    return replay.once(request, respond)


@access(SIGNED_IN, "GET")
def done(request: HttpRequest) -> HttpResponse:
    """Where the act leads."""
    return HttpResponse("done")


urlpatterns = [path("act/", act), path("done/", done)]


def withdraw(client: Client, application: Application, key: str, body: Any = None) -> Any:
    """Ask for a withdrawal with a key."""
    return client.post(
        f"{API}applications/{application.reference}/withdraw/",
        json.dumps(body or {}),
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )


# --- Programs ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_same_key_with_the_same_body_gets_the_same_answer_and_acts_once() -> None:
    application = draft_of()
    client = program(application.principal_investigator, "apply")
    first, second = withdraw(client, application, "k1"), withdraw(client, application, "k1")
    assert (first.status_code, first.content, first["Content-Type"]) == (200, second.content, second["Content-Type"])
    assert (second.status_code, second["Idempotent-Replayed"], "Idempotent-Replayed" in first) == (200, "true", False)
    assert second["Cache-Control"] == "private, no-store"
    assert Event.objects.filter(verb="application.withdraw").count() == 1
    assert_problem(withdraw(client, application, "k2"), 409, "wrong-status")


@pytest.mark.django_db
def test_the_same_key_with_another_request_is_422() -> None:
    application, other = draft_of(), draft_of()
    Application.objects.filter(pk=other.pk).update(principal_investigator=application.principal_investigator)
    client = program(application.principal_investigator, "apply")
    assert withdraw(client, application, "k1", {"reason": "a"}).status_code == 200
    assert_problem(withdraw(client, application, "k1", {"reason": "b"}), 422, "key-reused")
    assert_problem(withdraw(client, other, "k1", {"reason": "a"}), 422, "key-reused")
    other.refresh_from_db()
    assert other.status == "draft"


@pytest.mark.django_db
def test_a_key_belongs_to_one_person() -> None:
    for application in (draft_of(), draft_of()):
        answer = withdraw(program(application.principal_investigator, "apply"), application, "same")
        assert (answer.status_code, answer.json()["reference"]) == (200, application.reference)


@pytest.mark.django_db
def test_what_was_refused_is_not_kept() -> None:
    application = draft_of(complete=False)
    client = program(application.principal_investigator, "apply")
    url = f"{API}applications/{application.reference}/submit/"
    refused = client.post(url, headers={"Idempotency-Key": "k"}, content_type="application/json")
    assert (refused.status_code, KeptAnswer.objects.count()) == (422, 0)


@pytest.mark.django_db
def test_who_lost_the_right_gets_no_kept_answer() -> None:
    application, colleague = draft_of(), UserFactory()
    membership = member_of(application, colleague)
    client = program(colleague, "apply")
    assert withdraw(client, application, "k").status_code == 403
    Application.objects.filter(pk=application.pk).update(principal_investigator=colleague)
    assert withdraw(client, application, "k").status_code == 200
    assert withdraw(client, application, "k").status_code == 200
    Application.objects.filter(pk=application.pk).update(principal_investigator=UserFactory())
    membership.delete()
    assert_problem(withdraw(client, application, "k"), 404, "not-found")
    reader = program(colleague, "read")
    assert_problem(withdraw(reader, application, "k"), 403, "permission-denied")


@pytest.mark.django_db
def test_a_key_too_long_is_422_and_none_is_required() -> None:
    application = draft_of()
    client = program(application.principal_investigator, "apply")
    assert_problem(withdraw(client, application, "k" * 201), 422, "key-too-long")
    assert withdraw(client, application, "").status_code == 200
    assert KeptAnswer.objects.count() == 0


@pytest.mark.django_db
def test_answers_are_kept_for_a_day_and_then_forgotten() -> None:
    application = draft_of()
    client = program(application.principal_investigator, "apply")
    assert withdraw(client, application, "k").status_code == 200
    KeptAnswer.objects.update(at=clock.now() - timedelta(hours=23, minutes=59))
    assert withdraw(client, application, "k").status_code == 200
    forget_kept_answers()
    assert KeptAnswer.objects.count() == 1
    KeptAnswer.objects.update(at=clock.now() - timedelta(hours=24))
    assert_problem(withdraw(client, application, "k"), 409, "wrong-status")
    forget_kept_answers()
    assert KeptAnswer.objects.count() == 0


# --- Forms ------------------------------------------------------------------------------------------------------


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_a_form_sent_twice_acts_once_and_changed_again() -> None:
    client = Client()
    client.force_login(UserFactory())
    typed = {"_once": "5c1d", "department": "a", "csrfmiddlewaretoken": "one"}
    answers = [client.post("/act/", {**typed, "csrfmiddlewaretoken": token}) for token in ("one", "two")]
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(303, "/done/")] * 2
    assert ApiToken.objects.count() == 1
    assert client.post("/act/", {**typed, "department": "b"}).status_code == 303
    assert ApiToken.objects.count() == 2
    assert client.post("/act/", {"department": "b"}).status_code == 303
    assert ApiToken.objects.count() == 3


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_a_form_with_another_file_of_the_same_name_and_size_is_another_request() -> None:
    client = Client()
    client.force_login(UserFactory())

    for content in (b"first", b"first", b"other"):
        upload = SimpleUploadedFile("plan.pdf", content)
        assert client.post("/act/", {"_once": "5c1d", "file": upload}).status_code == 303

    assert ApiToken.objects.count() == 2


# --- At the same moment -----------------------------------------------------------------------------------------


@pytest.fixture
def together() -> Iterator[Callable[..., list[Any]]]:
    """Run functions in threads of their own, each with a connection of its own."""

    def run(*functions: Callable[[], Any]) -> list[Any]:
        def alone(function: Callable[[], Any]) -> Any:
            try:
                return function()
            finally:
                connection.close()

        with ThreadPoolExecutor(len(functions)) as pool:
            return [one.result(30) for one in [pool.submit(alone, function) for function in functions]]

    barrier.clear()
    began.clear()
    return run


def rival(url: str, data: dict[str, str], headers: dict[str, str], user: User) -> Callable[[], Any]:
    """Return a request of the same person that begins when the first one is in the middle."""

    def ask() -> Any:
        client = Client()
        client.force_login(user)
        assert began.wait(5)
        return client.post(url, data, headers=headers)

    return ask


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
def test_a_program_is_told_that_its_first_request_is_still_running(together: Callable[..., list[Any]]) -> None:
    user = UserFactory()
    headers = {"Idempotency-Key": "k"}

    def first() -> Any:
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client.post("/act/?wait=1", headers=headers)

    def second() -> Any:
        assert began.wait(5)
        request = RequestFactory().post("/act/?wait=1", headers=headers)
        request.user = user
        try:
            replay.once(request, lambda: HttpResponse("twice"))
        except replay.NotNow as refusal:
            return refusal.code
        finally:
            barrier.set()
        return ""

    answers = together(first, second)
    assert (answers[0].status_code, answers[1]) == (303, "still-running")
    assert ApiToken.objects.count() == 1


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
def test_who_clicks_twice_waits_for_the_answer_of_the_first_click(together: Callable[..., list[Any]]) -> None:
    user = UserFactory()
    typed = {"_once": "5c1d", "department": "a"}

    def first() -> Any:
        client = Client()
        client.force_login(user)
        return client.post("/act/?wait=1", typed)

    def open_the_barrier() -> None:
        assert began.wait(5)
        threading.Timer(0.3, barrier.set).start()

    answers = together(first, rival("/act/", typed, {}, user), open_the_barrier)
    assert [(answer.status_code, answer["Location"]) for answer in answers[:2]] == [(303, "/done/")] * 2
    assert ApiToken.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_equal_requests_at_once_act_once(together: Callable[..., list[Any]]) -> None:
    application = draft_of()
    text = token_of(application.principal_investigator, "apply")

    def ask() -> Any:
        return withdraw(Client(headers={"Authorization": f"Bearer {text}"}), application, "k")

    answers = [answer for _ in range(5) for answer in together(*[ask] * 10)]
    done = [answer for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"still-running"}
    assert len({answer.content for answer in done}) == 1
    assert Event.objects.filter(verb="application.withdraw").count() == 1
