"""The Celery task that delivers; woken after commits (`wake.py`) and by the beat schedule."""

from celery import shared_task

from portal.notifications import delivery
from portal.notifications.wake import TASK


@shared_task(name=TASK)
def deliver() -> None:
    """Send everything that is due. Running it twice, or many at once, sends nothing twice."""
    delivery.deliver_due()
