"""Practice calls: marked, in no figure, judged by nobody; what is written in them is deleted."""

from datetime import timedelta

import pytest
from django.test import Client

from applications.apply import actions as apply
from applications.calls import actions, practice
from applications.models import Application, DraftRequest, TeamMember
from applications.tasks import delete_practice
from portal import clock
from portal.audit.models import Event
from portal.errors import NotNow
from portal.notifications.models import Notice
from portal.tasks import sweep_files
from tests.factories import applications as rows
from tests.factories.accounts import UserFactory, administrator
from tests.factories.kept import lay, lying, refer, use_directory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def call():
    return rows.call_of(slug="try", is_practice=True, title="To try out")


def begun(call, days: float) -> Application:
    application = rows.draft_of(call)
    Application.objects.filter(pk=application.pk).update(created_at=clock.now() - days * DAY)
    rows.member_of(application)
    return application


def test_a_practice_call_needs_neither_agreement_nor_panel_and_a_real_one_both():
    maker, facts = administrator(), {"agreement": "", "agreement_zh": "", "status": "draft"}
    for is_practice, refused in ((True, False), (False, True)):
        call = rows.call_of(created_by=maker, is_practice=is_practice, **facts)
        call.panel.all().delete()
        if refused:
            with pytest.raises(NotNow) as refusal:
                actions.announce(call, by=administrator())
            assert "the agreement text in both languages" in str(refusal.value.message)
            assert "a chair and at least one reviewer" in str(refusal.value.message)
        else:
            actions.announce(call, by=administrator())
        call.refresh_from_db()
        assert call.status == ("draft" if refused else "announced")


@pytest.mark.parametrize("language", ["agreement", "agreement_zh"])
def test_a_call_without_its_agreement_in_one_language_is_not_announced(language):
    call = rows.call_of(status="draft", **{language: ""})
    rows.seat(call, UserFactory())
    with pytest.raises(NotNow):
        actions.announce(call, by=administrator())


def test_what_was_begun_thirty_days_ago_is_deleted_with_all_its_parts(call):
    old, young = begun(call, 30), begun(call, 29.9)
    real = begun(rows.call_of(), 400)

    assert practice.delete_due() == 1
    delete_practice()

    assert set(Application.objects.all()) == {young, real}
    assert set(DraftRequest.objects.values_list("application", flat=True)) == {young.pk, real.pk}
    assert TeamMember.objects.filter(application_id=old.pk).count() == 0
    event = Event.objects.get(verb="application.delete-practice")
    assert (event.about_reference, event.actor, event.facts["call"]) == (old.reference, None, "try")


def test_files_of_what_is_deleted_are_swept(call, settings, tmp_path):
    use_directory(settings, tmp_path)
    plan, evidence, kept = (lay(tmp_path, name, days=31) for name in ("plan", "evidence", "kept"))
    old = begun(call, 30)
    refer(old, plan)
    old.draft_authorisations.update(evidence_sha256=evidence)
    refer(begun(rows.call_of(), 400), kept)
    sweep_files()
    assert lying() == {plan, evidence, kept}

    delete_practice()
    sweep_files()

    assert lying() == {kept}


def test_what_was_submitted_for_practice_is_deleted_too(call):
    application = rows.draft_of(call)
    apply.submit(application, by=application.principal_investigator)
    application.refresh_from_db()
    assert (application.status, application.submission) == ("draft", None)
    with clock.set_to(clock.now() + 31 * DAY):
        assert practice.delete_due() == 1
    assert not Application.objects.exists()


def test_notices_about_what_is_deleted_break_no_page(call):
    application = begun(call, 31)
    person = application.principal_investigator
    actions.extend(call, by=administrator(), closes_at=call.closes_at + DAY, reason="More time.")
    assert Notice.objects.filter(recipient=person).exists()
    practice.delete_due()
    client = Client()
    client.force_login(person)
    assert [client.get(url).status_code for url in ("/my/", "/my/notifications/")] == [200, 200]
    assert client.get(f"/my/applications/{application.reference}/").status_code == 404


def test_a_practice_call_is_marked_and_stands_beside_the_real_ones(client, call):
    rows.call_of(slug="real", title="The real one", closes_at=call.closes_at + DAY)
    home, listed, page = (client.get(url).content.decode() for url in ("/", "/calls/", "/calls/try/"))
    assert ("The real one" in home, "To try out" in home) == (True, False)
    assert listed.index("The real one") < listed.index('id="practice-h"') < listed.index("To try out")
    for url in ("/calls/try/", "/calls/try/questions/", "/calls/try/agreement/"):
        assert "Nothing here is screened or judged" in client.get(url).content.decode()
    assert "Start a practice application" in page
    assert "How long earlier calls took" not in page


def test_nobody_screens_or_signs_anything_of_a_practice_call(call):
    application = rows.draft_of(call)
    apply.submit(application, by=application.principal_investigator)
    office = Client()
    office.force_login(administrator())
    for url in ("/manage/applications/", "/manage/publications/"):
        assert "To try out" not in office.get(url).content.decode()
        assert application.reference not in office.get(url).content.decode()
    assert not Notice.objects.filter(kind__in=["application-to-screen", "advice-wanted"]).exists()
