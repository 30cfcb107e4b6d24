"""What the script that saves by itself is answered: saved, in the way of somebody, unreadable, too late, signed out."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from applications.models import Application
from portal import clock
from portal.audit.models import Event
from portal.models import KeptAnswer
from tests.applications.apply.conftest import page, signed_in
from tests.factories.applications import member_of

Send = Callable[..., Any]
MARK = {"_by_itself": "1"}


def url_of(draft: Application) -> str:
    return page("apply-section", draft, "methods")


def test_a_save_is_answered_with_the_new_version_and_the_time(visitor: Client, draft: Application, send: Send) -> None:
    answer = send(visitor, url_of(draft), version=1, methods="Nine runs.", **MARK)
    draft.refresh_from_db()
    assert (answer.status_code, draft.methods, draft.version) == (200, "Nine runs.", 2)
    said = answer.json()
    assert (said["state"], said["version"]) == ("saved", 2)
    assert said["words"].startswith("Saved") and said["words"].endswith("by you") and ":" in said["words"]


def test_the_same_save_sent_again_acts_once_and_is_answered_as_the_first_time(
    visitor: Client, draft: Application
) -> None:
    """The answer was lost on the way: meanwhile a colleague has saved, and their version must not come along."""
    sent = {"_once": "one-form", "version": 1, "methods": "Nine runs.", **MARK}
    first = visitor.post(url_of(draft), sent).json()
    send_as = signed_in(member_of(draft).user)
    send_as.post(url_of(draft), {"_once": "another", "version": 2, "methods": "Ten runs."})
    again = visitor.post(url_of(draft), sent)
    assert (again.json(), again["Idempotent-Replayed"]) == (first, "true")
    draft.refresh_from_db()
    assert (draft.methods, draft.version) == ("Ten runs.", 3)
    assert Event.objects.filter(verb="application.save").count() == 2
    # The next one of the same form, with the version of the first answer, is told of the colleague.
    stale = visitor.post(url_of(draft), sent | {"version": first["version"], "methods": "Eleven runs."})
    assert (stale.status_code, stale.json()["state"]) == (409, "stale")
    draft.refresh_from_db()
    assert draft.methods == "Ten runs."


def test_one_form_saves_many_times_with_one_key(visitor: Client, draft: Application) -> None:
    version = 1
    for words in ("Nine", "Ten", "Nine", "Ten"):
        sent = {"_once": "one-form", "version": version, "methods": words, **MARK}
        version = visitor.post(url_of(draft), sent).json()["version"]
        draft.refresh_from_db()
        assert draft.methods == words
    assert version == 5 and KeptAnswer.objects.count() == 4


def test_the_button_is_answered_with_a_page_also_where_the_script_sent_the_same(
    visitor: Client, draft: Application
) -> None:
    sent = {"_once": "one-form", "version": 1, "methods": "Nine runs."}
    assert visitor.post(url_of(draft), sent | MARK).json()["state"] == "saved"
    answer = visitor.post(url_of(draft), sent)
    assert (answer.status_code, answer["Location"]) == (303, page("apply-tasks", draft))


def test_nothing_changed_is_saved_without_a_new_version(visitor: Client, draft: Application, send: Send) -> None:
    answer = send(visitor, url_of(draft), version=1, methods=draft.methods, **MARK)
    assert (answer.json()["state"], answer.json()["version"]) == ("saved", 1)
    assert not Event.objects.filter(verb="application.save").exists()


def test_who_is_in_the_way_is_named_and_the_other_window_of_oneself_too(
    visitor: Client, draft: Application, send: Send
) -> None:
    colleague = member_of(draft, name="Dr Other").user
    send(signed_in(colleague), url_of(draft), version=1, methods="Theirs.")
    answer = send(visitor, url_of(draft), version=1, methods="Mine.", **MARK)
    assert (answer.status_code, answer.json()["state"]) == (409, "stale")
    assert answer.json()["words"].startswith(f"{colleague} saved this part meanwhile")
    send(visitor, url_of(draft), version=2, methods="Mine, other window.")
    own = send(visitor, url_of(draft), version=2, methods="Mine, first window.", **MARK)
    assert own.json()["words"].startswith("You saved this part meanwhile in another window")


def test_what_cannot_be_kept_is_said_and_not_saved(visitor: Client, draft: Application, send: Send) -> None:
    answer = send(visitor, url_of(draft), version=1, methods="NUL \x00", **MARK)
    assert (answer.status_code, answer.json()["state"]) == (422, "refused")
    assert "Null characters are not allowed" in answer.json()["words"]
    long = send(visitor, url_of(draft), version=1, methods="x" * 200_001, **MARK)
    assert "This text has 200001 characters. No more than 200000" in long.json()["words"]
    draft.refresh_from_db()
    assert draft.version == 1


def test_too_late_is_said(visitor: Client, draft: Application, send: Send) -> None:
    with clock.set_to(draft.call.closes_at):
        answer = send(visitor, url_of(draft), version=1, methods="Late", **MARK)
    assert (answer.status_code, answer.json()["state"]) == (409, "refused")
    assert "The time for changes is over." in answer.json()["words"]


def test_whoever_is_signed_out_gets_the_page_that_keeps_the_text(draft: Application, send: Send) -> None:
    answer = send(Client(), url_of(draft), version=1, methods="Long text", **MARK)
    assert answer.status_code == 403 and answer["Content-Type"].startswith("text/html")


def test_readers_are_refused(draft: Application, send: Send) -> None:
    reader = signed_in(member_of(draft, role="reader").user)
    answer = send(reader, url_of(draft), version=1, methods="Not mine", **MARK)
    assert (answer.status_code, answer.json()["state"]) == (409, "refused")
