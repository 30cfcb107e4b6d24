"""What administrators do with a call."""

from datetime import timedelta
from decimal import Decimal

import pytest

from applications.calls import actions
from applications.models import Call
from applications.rules import eligibility
from portal import clock
from portal.audit.models import Event
from portal.errors import Denied, Invalid, NotNow
from portal.notifications.models import Notice
from samples.enums import UseClass
from tests.factories import applications as rows
from tests.factories.accounts import UserFactory, administrator

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def maker():
    return administrator()


@pytest.fixture
def draft(maker):
    """A draft that lacks nothing."""
    call = rows.call_of(status="draft", created_by=maker, eligibility="Everybody", note="")
    rows.seat(call, UserFactory())
    return call


def test_a_draft_is_announced_by_a_second_administrator(draft):
    second = administrator()

    actions.announce(draft, by=second)

    draft.refresh_from_db()
    assert (draft.status, draft.announced_by) == ("announced", second)
    assert Event.objects.filter(verb="call.announce", actor=second).count() == 1


def test_who_made_the_call_cannot_announce_it(draft, maker):
    with pytest.raises(Denied):
        actions.announce(draft, by=maker)

    draft.refresh_from_db()
    assert draft.status == "draft"


@pytest.mark.parametrize(
    "take_away",
    [
        lambda call: Call.objects.filter(pk=call.pk).update(summary_zh=""),
        lambda call: Call.objects.filter(pk=call.pk).update(closes_at=None),
        lambda call: call.offers.all().delete(),
        lambda call: call.criteria.filter(code="significance").update(weight=50),
        lambda call: call.criteria.update(words_zh=["", "", "", "", ""]),
        lambda call: call.declarations.all().delete(),
        lambda call: call.panel.filter(role="reviewer").delete(),
    ],
    ids=["Chinese summary", "deadline", "samples", "weights", "words", "declarations", "reviewers"],
)
def test_an_incomplete_draft_is_not_announced(draft, take_away):
    take_away(draft)
    draft.refresh_from_db()

    with pytest.raises(NotNow) as refusal:
        actions.announce(draft, by=administrator())

    assert refusal.value.code == "call-incomplete"
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_after_the_announcement_only_texts_change(maker):
    call = rows.call_of(created_by=maker)

    actions.edit(call, by=maker, title="A better title")
    with pytest.raises(NotNow):
        actions.edit(call, by=maker, closes_at=call.closes_at + WEEK)
    with pytest.raises(NotNow):
        actions.offer(call, by=maker, sample=rows.stock(), offered_mg=Decimal(1))
    with pytest.raises(NotNow):
        actions.set_declarations(call, by=maker, declarations=[])

    call.refresh_from_db()
    assert call.title == "A better title"
    event = Event.objects.get(verb="call.edit")
    assert event.facts == {"fields": ["title"]}
    assert event.text.old["title"].startswith("Call ")


def test_an_extension_moves_the_deadline_later_for_everybody_and_tells_who_applies(maker):
    call = rows.call_of(created_by=maker)
    application = rows.draft_of(call)
    later = call.closes_at + WEEK

    actions.extend(call, by=maker, closes_at=later, reason="The portal was down for a day.")

    call.refresh_from_db()
    assert call.closes_at == later
    told = Notice.objects.get(kind="call-extended")
    assert told.recipient == application.principal_investigator
    assert Event.objects.get(verb="call.extend").text.reason == "The portal was down for a day."


@pytest.mark.parametrize("days", [-1, 0])
def test_a_deadline_never_moves_earlier(maker, days):
    call = rows.call_of(created_by=maker)
    before = call.closes_at

    with pytest.raises(Invalid):
        actions.extend(call, by=maker, closes_at=before + days * timedelta(days=1), reason="A mistake.")

    call.refresh_from_db()
    assert call.closes_at == before


def test_a_call_closed_long_ago_is_not_extended_into_the_past(maker):
    now = clock.now()
    call = rows.call_of(created_by=maker, opens_at=now - 9 * WEEK, closes_at=now - 5 * WEEK)

    with pytest.raises(Invalid):
        actions.extend(call, by=maker, closes_at=now - WEEK, reason="Too late.")


@pytest.mark.parametrize("use", [UseClass.PERMANENT, UseClass.BACKUP])
def test_what_is_kept_for_ever_is_never_offered(draft, maker, use):
    with pytest.raises(Invalid):
        actions.offer(draft, by=maker, sample=rows.stock(use_class=use), offered_mg=Decimal(1))


def test_a_powder_is_offered_by_mass_and_a_piece_whole(draft, maker):
    powder, piece = rows.stock("100"), rows.stock("20", "clast")

    actions.offer(draft, by=maker, sample=powder, offered_mg=Decimal(40))
    actions.offer(draft, by=maker, sample=piece, offered_mg=None)
    for sample, mass in ((powder, None), (powder, Decimal("100.001")), (piece, Decimal(5))):
        with pytest.raises(Invalid):
            actions.offer(draft, by=maker, sample=sample, offered_mg=mass)

    assert draft.offers.get(sample=powder).offered_mg == Decimal(40)
    assert draft.offers.get(sample=piece).offered_mg is None


def test_a_cancelled_call_is_closed_and_everybody_is_told(maker):
    call = rows.call_of(created_by=maker)
    rows.draft_of(call)

    actions.cancel(call, by=maker, reason="The samples were withdrawn.")

    assert not call.is_open(clock.now())
    assert Notice.objects.filter(kind="call-cancelled").count() == 1


def test_nobody_but_administrators_makes_calls(draft):
    for roles in ([], ["curator"], ["auditor"]):
        somebody = UserFactory(roles=roles)
        with pytest.raises(Denied):
            actions.create(by=somebody, slug="mine", title="Mine")
        with pytest.raises(Denied):
            actions.edit(draft, by=somebody, title="Mine")
        with pytest.raises(Denied):
            actions.seat(draft, by=somebody, user=somebody, role="chair")
    assert Event.objects.filter(verb__startswith="call.").count() == 0


def test_two_calls_never_share_an_address(draft, maker):
    with pytest.raises(Invalid) as refusal:
        actions.create(by=maker, slug=draft.slug, title="Another")

    assert refusal.value.field == "slug"


def declared(call, **changed):
    """Return the declarations of a call as the office sends them, some with other words."""
    return [
        {"code": one.code, "text": changed.get(one.code, one.text), "text_zh": one.text_zh, "kind": one.kind}
        for one in call.declarations.all()
    ]


def test_a_reworded_declaration_gets_the_next_version_and_is_asked_again(maker):
    call = rows.call_of(created_by=maker)
    application, elsewhere = rows.draft_of(call), rows.draft_of()

    actions.set_declarations(call, by=maker, declarations=declared(call, true="I declare that it is so."))
    actions.set_declarations(call, by=maker, declarations=declared(call))

    versions = {one.code: (one.text, one.version) for one in call.declarations.all()}
    assert versions == {"true": ("I declare that it is so.", 2), "return": ("I declare return.", 1)}
    assert "declared" in eligibility.missing(application)
    assert "declared" not in eligibility.missing(elsewhere)
    assert [told.recipient for told in Notice.objects.filter(kind="declarations-reworded")] == [
        application.principal_investigator
    ]
    event = Event.objects.get(verb="call.set-declarations")
    assert (event.facts, event.text.old) == ({"codes": ["true"]}, {"true": "I declare true.\n我声明 true。"})


@pytest.mark.parametrize(
    "change",
    [
        lambda rows_: rows_[:1],
        lambda rows_: [*rows_, rows_[0] | {"code": "new"}],
        lambda rows_: [rows_[1], rows_[0]],
        lambda rows_: [rows_[0] | {"kind": "export"}, rows_[1]],
        lambda rows_: [rows_[0] | {"is_required": False}, rows_[1]],
        lambda rows_: [rows_[0] | {"asks_details": True}, rows_[1]],
    ],
    ids=["dropped", "added", "moved", "kind", "required", "details"],
)
def test_after_the_announcement_nothing_of_a_declaration_changes_but_its_words(maker, change):
    call = rows.call_of(created_by=maker)
    before = list(call.declarations.values_list("code", "text", "kind", "version"))

    with pytest.raises(NotNow):
        actions.set_declarations(call, by=maker, declarations=change(declared(call, true="Other words.")))

    assert list(call.declarations.values_list("code", "text", "kind", "version")) == before


def test_after_the_deadline_declarations_stay_as_they_were_made(maker):
    call = rows.call_of(created_by=maker, closes_at=clock.now() - timedelta(hours=1))
    with pytest.raises(NotNow) as refusal:
        actions.set_declarations(call, by=maker, declarations=declared(call, true="Other words."))
    assert refusal.value.code == "closed"


def test_limits_are_set_in_a_draft_and_fixed_afterwards(draft, maker):
    limits = {"question": {"words": 10, "characters": 20}}
    facts = {"text_limits": limits, "file_page_limit": 3, "anonymity": "dual"}

    actions.set_limits(draft, by=maker, **facts)
    for wrong in ({"file_page_limit": 0}, {"text_limits": {"question": {"words": 0, "characters": 1}}}):
        with pytest.raises(Invalid):
            actions.set_limits(draft, by=maker, **(facts | wrong))
    with pytest.raises(Denied):
        actions.set_limits(draft, by=UserFactory(), **facts)
    actions.announce(draft, by=administrator())
    with pytest.raises(NotNow):
        actions.set_limits(draft, by=maker, **facts)

    draft.refresh_from_db()
    assert (draft.text_limits, draft.file_page_limit, draft.anonymity) == (limits, 3, "dual")


def test_holidays_and_agreement_are_kept_and_only_the_text_is_mended_later(draft, maker):
    days = [clock.now().date()]
    actions.edit(draft, by=maker, holidays=days, agreement="Terms.", agreement_zh="条款。")
    actions.announce(draft, by=administrator())

    actions.edit(draft, by=maker, agreement="Terms, mended.")
    with pytest.raises(NotNow):
        actions.edit(draft, by=maker, holidays=[])

    draft.refresh_from_db()
    assert (draft.holidays, draft.agreement) == (days, "Terms, mended.")
