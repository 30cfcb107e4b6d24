"""The pages on conflicts: terms and answers, what a member is told, what the chair sees; and who finds nothing."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from applications.conflicts import actions, settling
from applications.enums import ConflictKind, HintKind, InterestAnswer, PanelRole, Status
from applications.models import Application, Conflict, InvitedFor, PanelAnswer, Ruling, TeamMember, Waiver
from applications.pledging import PLEDGE_VERSION
from applications.suspending import end_conflicted
from portal import clock
from portal.accounts.models import User
from tests.counting import queries_of
from tests.factories.accounts import UserFactory, administrator
from tests.factories.applications import application_of, assignment_of, chair_of, member_of, seat
from tests.factories.conflicts import minor_interest_of, relative_of, work_of
from tests.factories.decisions import closed_call

pytestmark = pytest.mark.django_db
# Ours are dearer than other pages by what two rules need: conflicts and hints of thirty rows at once.
MOST_OF_A_MEMBER, MOST_OF_A_CHAIR = 16, 22


@pytest.fixture
def application() -> Application:
    return application_of(closed_call(), status=Status.UNDER_REVIEW)


def newcomer(application: Application, role: str = PanelRole.REVIEWER, **fields: Any) -> User:
    """Somebody with a seat who has neither pledged nor answered yet."""
    user = UserFactory(**fields)
    application.call.panel.create(user=user, role=role, since=clock.now())
    return user


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return html.unescape(re.sub(r"\s+", " ", answer.content.decode()))


def listing(application: Application) -> str:
    return f"/review/{application.call.slug}/conflicts/"


def settled(application: Application, *rest: Any) -> str:
    return "/".join([f"/panel/{application.call.slug}/conflicts", application.reference, *map(str, rest), ""])


# --- A member of the panel ---------------------------------------------------------------------------------


def test_terms_and_answers_are_given_on_one_page_and_content_opens(application: Application) -> None:
    user = newcomer(application)
    client, reference = browser(user), application.reference
    page = text(client.get(listing(application)))
    for words in ("outside service, which includes every AI service", "delete offline packs", "waits for your answer"):
        assert words in page
    assert "Nothing opens before you have accepted the terms" in text(client.get(f"/review/{application.call.slug}/"))
    assert "Nothing opens before you have accepted the terms" in text(client.get("/review/"))
    assert application.submission.title not in page
    assert re.findall(r'<button class="btn" type="submit">(.*?)</button>', page) == ["Declare conflicts"]

    sent = {"shown": reference, "accepts": "on", f"answer_{reference}": "none"}
    answer = client.post(listing(application), sent)

    assert (answer.status_code, answer["Location"]) == (303, listing(application))
    assert user.panels.get().pledged_version == PLEDGE_VERSION
    assert PanelAnswer.objects.get(user=user).answer == InterestAnswer.NONE
    after = text(client.get(f"/review/{application.call.slug}/"))
    assert "Nothing opens" not in after and "your answer on conflicts" not in after


def test_without_the_tick_nothing_is_written_and_nothing_typed_is_lost(application: Application) -> None:
    user, reference = newcomer(application), application.reference
    sent = {"shown": reference, f"answer_{reference}": "minor", f"words_{reference}": "An old co-worker."}
    answer = browser(user).post(listing(application), sent)
    assert answer.status_code == 422
    page = text(answer)
    assert "Accept the terms: nothing opens before." in page
    assert "An old co-worker." in page and '<option value="minor" selected>' in page
    assert not PanelAnswer.objects.filter(user=user).exists()


def test_a_minor_interest_without_words_is_an_error_at_its_field(application: Application) -> None:
    user, reference = newcomer(application), application.reference
    sent = {"shown": reference, "accepts": "on", f"answer_{reference}": "minor", "rest": "on"}
    answer = browser(user).post(listing(application), sent)
    assert answer.status_code == 422
    assert f'id="id_words_{reference}_error"' in text(answer)
    assert user.panels.get().pledged_at is None  # all or nothing


@pytest.mark.parametrize(
    ("bad", "status"), [("\0", 422), ("LSA-\0-1", 422), ("\N{RIGHT-TO-LEFT OVERRIDE}", 303), ("x" * 5000, 303)]
)
def test_forged_references_are_nothing_that_was_shown(application: Application, bad: str, status: int) -> None:
    user, reference = newcomer(application), application.reference
    sent = {"shown": f"{bad} {reference}", "accepts": "on", f"answer_{reference}": "none"}
    assert browser(user).post(listing(application), sent).status_code == status
    assert PanelAnswer.objects.filter(user=user, application=application).exists() == (status == 303)


@pytest.mark.parametrize("bad", ["perhaps", "\0", "none" * 100])
def test_forged_answers_are_refused_at_the_field(application: Application, bad: str) -> None:
    user, reference = newcomer(application), application.reference
    other = application_of(status=Status.UNDER_REVIEW)
    sent = {"shown": f"{reference} {other.reference}", "accepts": "on", f"answer_{reference}": bad}
    assert browser(user).post(listing(application), sent).status_code == 422
    sent = {"shown": other.reference, "accepts": "on", f"answer_{other.reference}": "cannot"}
    assert browser(user).post(listing(application), sent).status_code == 303
    assert not PanelAnswer.objects.filter(user=user).exists()


def test_a_long_list_is_saved_page_by_page_and_what_came_meanwhile_moves_nothing(application: Application) -> None:
    call = application.call
    for _ in range(34):
        application_of(call, status=Status.UNDER_REVIEW)
    user = newcomer(application)
    client = browser(user)

    def later(reference: str) -> Application:
        made = application_of(call, status=Status.UNDER_REVIEW, reference=reference)
        PanelAnswer.objects.filter(user=user).delete()  # the factory lets everybody answer everything
        return made

    first = client.get(listing(application)).context["form"]
    shown = first.initial["shown"].split()
    assert len(shown) == 30
    later("LSA-2026-00001")  # sorts before all of them
    sent = {"shown": " ".join(shown), "then": first.initial["then"], "accepts": "on"}
    answer = client.post(listing(application), sent | {f"answer_{one}": "none" for one in shown})
    assert PanelAnswer.objects.filter(user=user).count() == 30
    second = client.get(answer["Location"]).context["form"]
    assert len(second.initial["shown"].split()) == 5 and second.initial["then"] == ""
    page = text(client.get(listing(application) + "?show=waiting"))
    assert "6 applications wait for your answer" in page and "LSA-2026-00001" in page
    assert shown[3] not in page
    client.post(listing(application), {"shown": "", "rest": "on"})
    assert "Nothing waits for your answer." in text(client.get(listing(application)))


def test_an_answer_sent_again_unchanged_is_not_written_again(application: Application) -> None:
    user, reference = newcomer(application), application.reference
    actions.pledge(application.call, by=user)
    minor_interest_of(application, user, "We met.")
    before = PanelAnswer.objects.get(user=user).at
    same = {"shown": reference, f"answer_{reference}": "minor", f"words_{reference}": "We met."}
    assert browser(user).post(listing(application), same).status_code == 303
    assert PanelAnswer.objects.get(user=user).at == before


def test_a_member_is_not_told_why_the_portal_or_the_chair_closed_it(application: Application) -> None:
    call = application.call
    rival, ruled = newcomer(application), newcomer(application)
    own = application_of(call, rival, Status.UNDER_REVIEW)
    assert set(own.draft_requests.values_list("sample")) & set(application.draft_requests.values_list("sample"))
    Ruling.objects.create(
        application=application,
        user=ruled,
        kind=HintKind.MINOR,
        bars=True,
        reason="Zebra",
        by=chair_of(call),
        at=clock.now(),
    )
    for user in (rival, ruled):
        page = text(browser(user).get(listing(application)))
        assert "Closed to you by the portal" in page
        assert not {str(kind.label) for kind in (ConflictKind.COMPETING, ConflictKind.RULED)} & set(
            re.findall(r">([^<>]+)<", page)
        )
        assert "Zebra" not in page
        assert f"answer_{application.reference}" not in page


def test_hints_are_put_to_the_member_as_questions_but_not_where_names_are_hidden(application: Application) -> None:
    relative = relative_of(application)
    application.call.panel.create(user=relative, role=PanelRole.REVIEWER, since=clock.now())
    for user in (relative, application.principal_investigator):
        work_of(user, "10.1000/1", title="Two winds")
    page = text(browser(relative).get(listing(application)))
    assert "belong to one organisation. Is that a conflict?" in page
    assert "Two winds. Is that a conflict?" in page
    application.call.anonymity = "dual"
    application.call.save()
    page = text(browser(relative).get(listing(application)))
    assert "Is that a conflict?" not in page and "Two winds" not in page


def test_a_speaker_reads_the_submission_and_finds_no_form(application: Application) -> None:
    speaker = newcomer(application)
    Conflict.objects.create(application=application, user=speaker, by=speaker, at=clock.now())
    url, client = f"/review/{application.call.slug}/{application.reference}/speak/", browser(speaker)
    actions.pledge(application.call, by=speaker)
    assert client.get(url).status_code == 404
    settling.waive(application, by=chair_of(application.call), person=speaker, reason="Needed.")
    page = client.get(url)
    assert application.submission.title in text(page)
    assert "<textarea" not in text(page)
    assert "You may read it and speak on it" in text(client.get(listing(application)))


# --- The office ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["administrator", "curator"])
def test_an_interest_of_the_office_takes_the_application_from_them(application: Application, role: str) -> None:
    user = UserFactory(roles=[role])
    client, url = browser(user), f"/manage/applications/{application.reference}/interest/"
    assert "I have an interest" in text(client.get(url))
    assert client.post(url).status_code == 303
    assert Conflict.objects.get().user == user
    for path in (url, f"/manage/applications/{application.reference}/", f"/manage/advice/{application.reference}/"):
        assert client.get(path).status_code == 404
    for other in (UserFactory(), UserFactory(roles=["auditor"]), application.principal_investigator):
        assert browser(other).get(url).status_code == 404


# --- The chair --------------------------------------------------------------------------------------------------


def test_the_chair_rules_and_reads_the_ruling(application: Application) -> None:
    chair, relative = chair_of(application.call), seat(application.call, relative_of(application))
    client, there = browser(chair), f"/panel/{application.call.slug}/conflicts/"
    url = settled(application, relative.uid, "parent")
    assert url in text(client.get(there))
    assert "belong to one organisation" in text(client.get(url))
    assert client.post(url, {"bars": "no", "reason": ""}).status_code == 422
    answer = client.post(url, {"bars": "no", "reason": "Two far corners."})
    assert (answer.status_code, answer["Location"]) == (303, there)
    assert "Two far corners." in text(client.get(there))
    assert client.get(url).status_code == 404  # ruled on
    assert client.post(url, {"bars": "yes", "reason": "Again."}).status_code == 409


def test_too_few_lead_to_an_expert_and_a_waiver(application: Application) -> None:
    call, chair = application.call, chair_of(application.call)
    colleague, expert = seat(call, UserFactory(institution=application.institution)), UserFactory()
    client, there = browser(chair), f"/panel/{call.slug}/conflicts/"
    page = text(client.get(there))
    assert settled(application, "expert") in page and settled(application, colleague.uid, "waive") in page
    wrong = client.post(settled(application, "expert"), {"email": application.principal_investigator.email})
    assert wrong.status_code == 422 and "has a conflict" in text(wrong)
    assert client.post(settled(application, "expert"), {"email": expert.email}).status_code == 303
    assert InvitedFor.objects.get().seat.user == expert
    assert client.post(settled(application, colleague.uid, "waive"), {"reason": "Needed."}).status_code == 303
    assert "Needed." in text(client.get(there))


def test_a_suspended_review_is_reinstated_from_the_page(application: Application) -> None:
    call, chair = application.call, chair_of(application.call)
    reviewer = seat(call, UserFactory())
    assignment_of(application, reviewer)
    member = member_of(application, UserFactory(institution=reviewer.institution))
    end_conflicted(application)
    client, url = browser(chair), settled(application, reviewer.uid, "reinstate")
    assert "The conflict is left." in text(client.get(f"/panel/{call.slug}/conflicts/"))
    assert client.post(url, {"reason": "They left."}).status_code == 409
    TeamMember.objects.filter(pk=member.pk).delete()
    assert url in text(client.get(f"/panel/{call.slug}/conflicts/"))
    assert client.post(url, {"reason": "They left."}).status_code == 303
    assert application.assignments.get(reviewer=reviewer).ended_at is None


def test_settling_is_absent_for_everybody_else_and_administrators_have_their_own_page(application: Application) -> None:
    call, relative = application.call, seat(application.call, relative_of(application))
    chair, office = chair_of(call), administrator()
    pages = [settled(application, relative.uid, "parent"), settled(application, "expert")]
    for user in (relative, application.principal_investigator, office, UserFactory()):
        for url in [*pages, f"/panel/{call.slug}/conflicts/"]:
            assert browser(user).get(url).status_code == 404
    mine = f"/manage/calls/{call.slug}/conflicts/"
    assert application.reference not in text(browser(office).get(mine))
    Conflict.objects.create(application=application, user=chair, by=chair, at=clock.now())
    for url in pages:
        assert browser(chair).get(url).status_code == 404
        assert browser(office).get(url).status_code == 200
    assert pages[0] in text(browser(office).get(mine))
    answer = browser(office).post(pages[0], {"bars": "no", "reason": "Far apart."})
    assert (answer.status_code, answer["Location"]) == (303, mine)


def test_pages_need_the_same_sql_for_one_row_and_for_thirty(application: Application) -> None:
    call = application.call
    chair, reviewer = chair_of(call), seat(call, UserFactory())
    pages = {f"/panel/{call.slug}/conflicts/": chair, listing(application): reviewer}

    def add(one: Application) -> None:
        relative = seat(call, relative_of(one))
        work_of(relative)
        member_of(one, confirmed=False)
        minor_interest_of(one, relative)
        Ruling.objects.create(
            application=one, user=relative, kind=HintKind.PARENT, bars=False, reason="No.", by=chair, at=clock.now()
        )

    add(application)
    costs = {}
    for url, user in pages.items():
        client = browser(user)
        client.get("/my/notifications/")
        costs[url] = len(queries_of(client, url))
    for _ in range(12):
        add(application_of(call, status=Status.UNDER_REVIEW))
    for (url, user), most in zip(pages.items(), (MOST_OF_A_CHAIR, MOST_OF_A_MEMBER), strict=True):
        client = browser(user)
        client.get("/my/notifications/")
        found = queries_of(client, url)
        assert len(found) == costs[url], found
        assert len(found) <= most, (len(found), [one[:150] for one in found])


def test_who_speaks_is_led_to_the_discussion_and_back(application: Application) -> None:
    call, speaker = application.call, seat(application.call, UserFactory(institution=application.institution))
    chair = chair_of(call)
    said = {"reason": "Needed.", "by": chair, "at": clock.now()}
    Waiver.objects.create(application=application, user=speaker, **said)
    client = browser(speaker)
    there = f"/review/{call.slug}/{application.reference}/discussion/"
    here = f"/review/{call.slug}/{application.reference}/speak/"
    assert f'href="{there}"' in text(client.get(here))
    assert f'href="{here}"' in text(client.get(there))


def test_a_curator_is_led_from_the_advice_to_declaring_an_interest() -> None:
    application, curator = application_of(), UserFactory(roles=["curator"])
    client, advice = browser(curator), f"/manage/advice/{application.reference}/"
    there = f"/manage/applications/{application.reference}/interest/"
    assert f'href="{there}"' in text(client.get(advice))
    assert client.get(there).status_code == 200
    assert client.post(there).status_code == 303
    assert [client.get(url).status_code for url in (advice, there)] == [404, 404]


def test_the_way_back_from_one_matter_names_every_page_between(application: Application) -> None:
    member, chair, office = seat(application.call, UserFactory()), chair_of(application.call), administrator()
    minor_interest_of(application, member)
    where, slug = settled(application, member.uid, "minor"), application.call.slug

    def way(user: User) -> list[str]:
        page = text(browser(user).get(where))
        crumbs = re.search(r'<nav class="crumbs".*?</nav>', page)
        assert crumbs is not None
        return re.findall(r'href="([^"]*)"', crumbs.group())

    assert way(chair) == ["/", "/review/", f"/panel/{slug}/", f"/panel/{slug}/conflicts/"]
    Conflict.objects.create(application=application, user=chair, by=chair, at=clock.now())
    assert way(office) == [
        "/", "/manage/", "/manage/calls/", f"/manage/calls/{slug}/", f"/manage/calls/{slug}/conflicts/"
    ]  # fmt: skip
