"""The Celery tasks of this domain: thin, since what they do is done by actions."""

import logging

from celery import shared_task

from applications.assigning import proposing
from applications.attachments import actions as attachments
from applications.calls import practice
from applications.exchanges import reminding
from applications.offline import actions as offline
from applications.offline import making
from applications.panel import reminding as reminding_of_reviews
from applications.publication import actions
from applications.screening import names
from applications.team import reminders
from portal.errors import Refused

log = logging.getLogger(__name__)


@shared_task(name="applications.forget_uploads")
def forget_uploads() -> None:
    """Delete files that began to arrive a day ago and were never taken."""
    attachments.forget_old()


@shared_task(name="applications.release_due")
def release_due() -> None:
    """Release the publications whose hold time is over, in the name of who signed second. Twice does it once."""
    for publication, by in actions.due():
        try:
            actions.release(publication, by=by)
        except Refused as refusal:
            log.warning("publication %s was not released: %s", publication.uid, refusal.code)


@shared_task(name="applications.make_packs")
def make_packs() -> None:
    """Make the offline pack that waits longest; where another waits, one more task makes it."""
    if making.make_next():
        offline.wake_worker()


@shared_task(name="applications.forget_packs")
def forget_packs() -> None:
    """Delete offline packs that are a day old, and uploads that waited an hour."""
    offline.forget_old()


@shared_task(name="applications.delete_practice")
def delete_practice() -> None:
    """Delete the practice applications whose time is over. Twice does it once."""
    practice.delete_due()


@shared_task(name="applications.scan_names")
def scan_names() -> None:
    """Search new submissions for names where their call hides names. Twice does it once."""
    names.scan_due()


@shared_task(name="applications.work_out_rounds")
def work_out_rounds() -> None:
    """Work out who is proposed to review what, wherever a chair asked for it. Twice does it once."""
    proposing.work_out_due()


@shared_task(name="applications.remind")
def remind() -> None:
    """Remind teams of what is due, and warn administrators of planned days that pass. Twice does it once."""
    reminding.remind_of_questions()
    reminding.remind_of_standing()
    reminding.warn_of_plans()
    reminding_of_reviews.remind_due()
    reminders.tell_accounts()
    reminders.remind()
