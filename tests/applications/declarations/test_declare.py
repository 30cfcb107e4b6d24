"""Declarations: made by the principal investigator alone, in the wording that was read, kept word for word."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from applications.apply import actions as apply
from applications.declarations import actions
from applications.enums import DeclarationKind
from applications.models import Application, CallDeclaration
from applications.rules import eligibility
from portal.errors import Denied, NotNow
from tests.applications.apply.conftest import page, signed_in
from tests.factories.applications import draft_of, member_of

Send = Callable[..., Any]
MONEY = "Fund A, Norway, none\nFund B, Chile, results within a year"


@pytest.fixture
def funding(call: Any) -> CallDeclaration:
    """A declaration that asks for words."""
    return call.declarations.create(
        code="funding",
        kind=DeclarationKind.FUNDING,
        text="These are all my sources.",
        text_zh="这些是我的全部来源。",
        asks_details=True,
        position=9,
    )


def typed(draft: Application, *codes: str, **more: Any) -> dict[str, Any]:
    seen = {f"seen-{one.code}": one.version for one in draft.call.declarations.all()}
    return {"version": draft.version, **seen, **{f"made-{code}": "on" for code in codes}, **more}


def test_each_is_kept_with_its_version_and_wording(
    visitor: Client, draft: Application, funding: CallDeclaration, send: Send
) -> None:
    sent = typed(draft, "true", "return", "funding", **{"details-funding": MONEY.replace("\n", "\r\n")})
    assert (
        send(visitor, page("declarations-declare", draft), **sent, names_principal_investigator="on").status_code == 303
    )
    draft.refresh_from_db()
    assert draft.declared["funding"] == {
        "version": 1,
        "details": MONEY,
        "text": "These are all my sources.",
        "text_zh": "这些是我的全部来源。",
    }
    assert set(draft.declared) == {"true", "return", "funding"}
    assert draft.names_principal_investigator is True
    assert not eligibility.missing(draft)

    said = apply.submit(draft, by=draft.principal_investigator).document["declarations"]
    assert [one for one in said if one["code"] == "funding"] == [
        {
            "code": "funding",
            "version": 1,
            "details": MONEY,
            "kind": "funding",
            "text": "These are all my sources.",
            "text_zh": "这些是我的全部来源。",
        }
    ]


def test_words_that_are_asked_for_are_missed_at_their_field(
    visitor: Client, draft: Application, funding: CallDeclaration, send: Send
) -> None:
    answer = send(visitor, page("declarations-declare", draft), **typed(draft, "true", "funding"))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["details-funding"])


def test_what_is_not_ticked_is_taken_back_and_its_words_with_it(
    visitor: Client, draft: Application, send: Send
) -> None:
    send(visitor, page("declarations-declare", draft), **typed(draft, "true"))
    draft.refresh_from_db()
    assert set(draft.declared) == {"true"}
    assert [str(words) for words in eligibility.missing(draft)["declared"]]


def test_an_optional_one_may_be_left(draft: Application) -> None:
    draft.call.declarations.create(
        code="publicity", kind="publicity-consent"[:9], text="x", is_required=False, position=8
    )
    assert not eligibility.missing(draft)


def test_only_the_principal_investigator_declares_and_the_others_read(
    draft: Application, funding: CallDeclaration, send: Send
) -> None:
    head = draft.principal_investigator
    actions.declare(draft, by=head, answers={"true": "", "funding": MONEY})
    member = member_of(draft)
    client = signed_in(member.user)
    shown = client.get(page("declarations-declare", draft)).content.decode()
    assert "Fund B, Chile" in shown and "<form" not in shown.partition("<main")[2].partition("</main>")[0]
    assert send(client, page("declarations-declare", draft), **typed(draft, "true")).status_code == 403
    with pytest.raises(Denied):
        actions.declare(draft, by=member.user, answers={})
    assert (
        signed_in(draft_of(draft.call).principal_investigator).get(page("declarations-declare", draft)).status_code
        == 404
    )


def reworded(draft: Application) -> None:
    draft.call.declarations.filter(code="true").update(text="I declare it is true and whole.", version=2)


def test_new_wording_asks_again_and_says_what_changed(visitor: Client, draft: Application, send: Send) -> None:
    actions.declare(draft, by=draft.principal_investigator, answers={"true": "", "return": ""})
    assert not eligibility.missing(draft)
    reworded(draft)
    draft.refresh_from_db()

    assert "declared" in eligibility.missing(Application.objects.get(pk=draft.pk))
    shown = visitor.get(page("declarations-declare", draft)).content.decode()
    assert "The wording has changed since you declared it." in shown
    assert "<ins>" in shown and "whole" in shown
    form = visitor.get(page("declarations-declare", draft)).context["form"]
    assert (form["made-true"].value(), form["made-return"].value()) == (False, True)
    assert send(visitor, page("declarations-declare", draft), **typed(draft, "true", "return")).status_code == 303
    assert not eligibility.missing(Application.objects.get(pk=draft.pk))


def test_wording_that_changed_while_it_was_read_is_not_declared_unread(
    visitor: Client, draft: Application, funding: CallDeclaration, send: Send
) -> None:
    before = dict(draft.declared)
    sent = typed(draft, "true", "return", "funding", **{"details-funding": MONEY})
    reworded(draft)

    answer = send(visitor, page("declarations-declare", draft), **sent)

    assert answer.status_code == 409
    form = answer.context["form"]
    assert (form["made-true"].value(), form["made-return"].value(), form["details-funding"].value()) == (
        False,
        True,
        MONEY,
    )
    assert str(form["seen-true"].value()) == "2"
    draft.refresh_from_db()
    assert draft.declared == before
    with pytest.raises(NotNow):
        actions.declare(draft, by=draft.principal_investigator, answers={"true": ""}, seen={})


def test_second_window_does_not_write_over_the_first(visitor: Client, draft: Application, send: Send) -> None:
    sent = typed(draft, "true", "return")
    assert send(visitor, page("declarations-declare", draft), **typed(draft, "true")).status_code == 303
    assert send(visitor, page("declarations-declare", draft), **sent).status_code == 409
    draft.refresh_from_db()
    assert set(draft.declared) == {"true"}


@pytest.mark.parametrize("junk", [{"seen-true": "x"}, {"seen-true": ""}, {"version": "-1"}, {"made-nothing": "on"}])
def test_forged_fields_change_nothing_they_must_not(
    visitor: Client, draft: Application, send: Send, junk: dict[str, str]
) -> None:
    answer = send(visitor, page("declarations-declare", draft), **(typed(draft, "true", "return") | junk))
    assert answer.status_code in (303, 409, 422)
    draft.refresh_from_db()
    assert set(draft.declared) == {"true", "return"}
