import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext

from portal import clock
from portal.audit.trail import record
from portal.notifications import delivery
from portal.notifications.delivery import MOST_ATTEMPTS, claim, deliver_due
from portal.notifications.models import Notice, State
from portal.notifications.outbox import notify, notify_account
from tests.factories.notices import notice, person


class PoisonedBackend(BaseEmailBackend):
    """A mail server that accepts everything but messages to poison@example.org."""

    taken: list = []

    def send_messages(self, messages):
        for message in messages:
            if message.to == ["poison@example.org"]:
                raise ValueError("poison@example.org is not wanted here")
            self.taken.append(message)
        return len(messages)


def translated(words, language):
    with translation.override(language):
        return gettext(words)


class DownBackend(BaseEmailBackend):
    """A mail server that cannot be reached."""

    def open(self):
        raise ConnectionRefusedError


def test_deliver_sends_one_text_mail_to_one_person_with_the_rows_message_id(note, mails):
    about = person(email="reader@example.org", name="Reader", native_name="LSA-2026-48213")
    row = notice("note", about, about)
    assert deliver_due() == 1
    (mail,) = mails()
    row.refresh_from_db()
    assert {name: mail[name] for name in ("To", "Cc", "Message-ID", "References", "In-Reply-To", "Auto-Submitted")} == {
        "To": "reader@example.org",
        "Cc": None,
        "Message-ID": row.message_id,
        "References": "<LSA-2026-48213@127.0.0.1>",
        "In-Reply-To": "<LSA-2026-48213@127.0.0.1>",
        "Auto-Submitted": "auto-generated",
    }
    assert mail["Subject"] == "[Lunar LSA-2026-48213] Account"
    assert mail.get_content_type() == "text/plain"
    words = mail.get_content().replace("\r\n", "\n")
    assert words.startswith("Dear Reader,\n\nSomething <happened> to Reader.\n\nAt ")
    assert f"\n\nOpen it in the portal: http://127.0.0.1:8000/people/{about.uid}/\n" in words
    assert (row.state, row.attempts, row.address, row.sent_at is not None) == ("sent", 1, "reader@example.org", True)
    assert deliver_due() == 0


def test_deliver_uses_the_address_of_the_moment_of_sending(note, mails):
    about = person(email="old@example.org")
    notice("note", about, about)
    about.email = "new@example.org"
    about.save()
    deliver_due()
    assert [mail["To"] for mail in mails()] == ["new@example.org"]


def test_deliver_writes_in_the_language_and_zone_of_the_profile(note, mails):
    about = person(name="读者", language="zh-hans", zone="Asia/Shanghai")
    notify_at = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)
    with clock.set_to(notify_at):
        notice("note", about, about)
        deliver_due()
    (mail,) = mails()
    assert "2026-03-02 04:30" in mail.get_content()
    assert mail["Subject"] == f"[Lunar] {translated('Account', 'zh-hans')}"


def test_deliver_survives_a_zone_that_nobody_knows(note, mails):
    about = person(zone="Moon/Tranquility")
    notice("note", about, about)
    assert deliver_due() == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda about: type(about).objects.filter(pk=about.pk).update(department="barred"), "no right to it"),
        (lambda about: type(about).objects.filter(pk=about.pk).update(is_active=False), "no right to it"),
        (lambda about: record("user.revise", about, by=None), "out of date"),
        (lambda about: Notice.objects.update(about_id=0), "object gone"),
    ],
)
def test_deliver_cancels_what_the_recipient_must_not_get_any_more(note, mails, change, why):
    about = person()
    row = notice("note", about, about)
    change(about)
    assert (deliver_due(), mails()) == (0, [])
    row.refresh_from_db()
    assert (row.state, row.failure, row.lease_until) == ("cancelled", why, None)


def test_deliver_blanks_account_mail_once_it_is_sent(db, mails):
    notify_account("account.code", "guest@example.org", user=None, subject="Your code", body="CANARY-1234")
    deliver_due()
    (mail,) = mails()
    assert (mail["Subject"], "CANARY-1234" in mail.get_content()) == ("Your code", True)
    assert list(Notice.objects.values_list("state", "subject", "body")) == [("sent", "", "")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM notifications_notice n WHERE n::text LIKE '%CANARY%'")
        assert cursor.fetchone() == (0,)


def test_deliver_sends_account_mail_first(note, mails):
    about = person(email="reader@example.org")
    notice("note", about, about)
    notify_account("account.code", "guest@example.org", user=None, subject="Your code", body="1234")
    assert [row.address for row in claim()] == ["guest@example.org", ""]


def test_deliver_lets_a_poison_message_delay_nobody_and_gives_it_up_in_the_end(note, settings):
    settings.EMAIL_BACKEND = "tests.portal.notifications.test_delivery.PoisonedBackend"
    PoisonedBackend.taken.clear()
    about = person()
    event = record("user.change", about, by=None)
    others = [f"guest{number}@example.org" for number in range(30)]
    notify("note", [*others[:10], "poison@example.org", *others[10:]], about=about, event=event)
    assert deliver_due() == 30
    assert sorted(message.to[0] for message in PoisonedBackend.taken) == sorted(others)
    pauses = []
    for _attempt in range(MOST_ATTEMPTS - 1):
        row = Notice.objects.exclude(state=State.SENT).get()
        pauses.append(round((row.next_attempt_at - clock.now()).total_seconds(), -1))
        Notice.objects.filter(pk=row.pk).update(next_attempt_at=clock.now())
        assert deliver_due() == 0
    row.refresh_from_db()
    assert pauses == [min(10 * 2**n, 43200) for n in range(MOST_ATTEMPTS - 1)]
    assert (row.state, row.attempts, row.failure) == ("dead", MOST_ATTEMPTS, "ValueError")


def test_deliver_counts_no_attempt_while_the_mail_server_is_down(note, settings, mails):
    about = person()
    row = notice("note", about, about)
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "tests.portal.notifications.test_delivery.DownBackend"
    assert deliver_due() == 0
    row.refresh_from_db()
    assert (row.state, row.attempts, row.failure) == ("pending", 0, "mail server: ConnectionRefusedError")
    settings.EMAIL_BACKEND = backend
    Notice.objects.update(next_attempt_at=clock.now())
    assert deliver_due() == 1


def test_deliver_takes_over_what_a_killed_worker_held(note, mails):
    about = person()
    row = notice("note", about, about)
    claim()
    assert deliver_due() == 0
    Notice.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    assert deliver_due() == 1
    assert [mail["Message-ID"] for mail in mails()] == [row.message_id]


def test_deliver_leaves_alone_what_another_worker_took_over(note, mails):
    about = person()
    notice("note", about, about)
    slow = claim()
    Notice.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    assert deliver_due() == 1
    assert delivery._send_batch(slow) == 0
    assert len(mails()) == 1


@pytest.mark.django_db(transaction=True)
def test_deliver_by_four_workers_at_once_sends_each_notice_once(note, settings, mails):
    settings.CELERY_BROKER_URL = ""  # the suite's own worker does not know this kind
    about = person()
    event = record("user.change", about, by=None)
    notify("note", [f"guest{number}@example.org" for number in range(60)], about=about, event=event)
    sent = []

    def work():
        sent.append(deliver_due())
        connection.close()

    workers = [threading.Thread(target=work) for _each in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (sum(sent), len({mail["Message-ID"] for mail in mails()}), len(mails())) == (60, 60, 60)


def test_decision_changed_while_sending_is_paused_sends_no_contradiction(note, mails):
    about = person(email="reader@example.org")
    for flip in range(100):
        event = record("user.revise", about, by=None)
        notify("note", [about], about=about, event=event, context={"mark": str(flip)})
    deliver_due()
    assert [mail["Subject"] for mail in mails()] == ["[Lunar] Account 99"]


def test_real_worker_delivers_after_the_commit(worker, mails):
    notify_account("account.code", "guest@example.org", user=None, subject="Your code", body="1234")
    deadline = time.monotonic() + 20
    while not mails() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [mail["To"] for mail in mails()] == ["guest@example.org"]


def test_deliver_killed_in_the_middle_loses_nothing_and_repeats_at_most_one(
    transactional_db, settings, mails, mail_dir
):
    """The short form of tests/trials/test_delivery.py."""
    settings.CELERY_BROKER_URL = ""  # nobody else is woken to help
    for number in range(300):
        notify_account("account.code", f"guest{number}@example.org", user=None, subject="Code", body="1234")
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    words = "import django; django.setup(); from portal.notifications.delivery import deliver_due; deliver_due()"
    with subprocess.Popen([sys.executable, "-c", words], env={**os.environ, "DATABASE_URL": database}) as process:
        while len(list(mail_dir.glob("*.eml"))) < 30:
            time.sleep(0.01)
        process.kill()
    left = Notice.objects.exclude(state=State.SENT).count()
    Notice.objects.filter(state=State.SENDING).update(lease_until=clock.now() - timedelta(seconds=1))
    deliver_due()
    sent = [mail["Message-ID"] for mail in mails()]
    assert 0 < left < 300
    assert (set(sent), Notice.objects.filter(state=State.SENT).count()) == (
        set(Notice.objects.values_list("message_id", flat=True)),
        300,
    )
    assert len(sent) - 300 in (0, 1)
