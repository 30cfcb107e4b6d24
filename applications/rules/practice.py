"""Practice calls: everything is tried out, nothing is screened or judged, and what was written is deleted.

A practice application stays a draft: it is checked as a real one and answered with a practice receipt, and no
submission is written, since submissions are for ever. Deleting them: `applications/calls/practice.py`.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from applications.models import Application

KEPT_FOR = timedelta(days=30)  # from its beginning, whatever is in it. Source: portal policy


def is_practice(application: Application) -> bool:
    """Tell whether an application is for practice: submitting it checks it and leaves it a draft."""
    return application.call.is_practice


def to_be_deleted(moment: datetime) -> Q:
    """Return the condition on the applications that are for practice and were begun long enough ago."""
    return Q(call__is_practice=True, submission__isnull=True, created_at__lte=moment - KEPT_FOR)
