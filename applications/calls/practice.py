"""Deleting practice applications when their time is over; what was tried out is nobody's record.

Which ones: `applications/rules/practice.py`. The portal does it by itself (`applications/tasks.py`).
"""

import logging

from django.db import transaction
from django.db.models import ProtectedError

from applications.models import Application
from applications.rules.practice import to_be_deleted
from portal import clock
from portal.audit.trail import record

log = logging.getLogger(__name__)


def delete_due() -> int:
    """Delete the practice applications begun long enough ago, each by itself; return how many.

    That there was one, in which call and until when, stays in the trail; its words are gone.
    """
    due = Application.objects.filter(to_be_deleted(clock.now())).order_by("created_at", "pk")
    return sum(_delete(application) for application in due.select_related("call"))


def _delete(application: Application) -> bool:
    try:
        with transaction.atomic():
            locked = Application.objects.select_for_update(of=("self",)).filter(to_be_deleted(clock.now()))
            if not locked.filter(pk=application.pk).exists():
                return False
            facts = {"call": application.call.slug, "begun_at": application.created_at.isoformat()}
            record("application.delete-practice", application, by=None, facts=facts)
            application.delete()
    except ProtectedError:  # somebody's word hangs on it: a person has to look
        log.warning("practice application %s was not deleted", application.reference)
        return False
    return True
