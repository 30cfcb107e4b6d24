"""Wakes the delivery after a commit: one message by name, without waiting for a broker that is down or silent.

A lost wake-up costs seconds: the beat schedule wakes the same task periodically (`settings.CELERY_BEAT_SCHEDULE`).
"""

import logging
import time

from celery import Celery
from django.conf import settings

logger = logging.getLogger(__name__)

TASK = "portal.notifications.deliver"
LONGEST_WAIT = 0.3  # seconds for each word of the broker
PAUSE = 5.0  # seconds without another try after a failure

# An application of its own: the worker, which waits for its broker on purpose, must not have these time-outs.
_publisher = Celery("portal-wake", broker=settings.CELERY_BROKER_URL or None, set_as_current=False)
_publisher.conf.update(
    task_publish_retry=False,
    task_ignore_result=True,
    broker_connection_timeout=LONGEST_WAIT,
    broker_transport_options={
        "socket_timeout": LONGEST_WAIT,
        "socket_connect_timeout": LONGEST_WAIT,
        "max_retries": 0,
    },
)
_silent_until = 0.0


def wake(task: str = TASK) -> None:
    """Tell a worker that notices are due, or another task. Never raises and never takes as long as a second."""
    global _silent_until
    if not settings.CELERY_BROKER_URL or time.monotonic() < _silent_until:
        return
    try:
        _publisher.send_task(task, retry=False, expires=60)
    except Exception as error:  # whatever is wrong with the broker, what is due is a row, and the sweep comes
        _silent_until = time.monotonic() + PAUSE
        logger.warning("The worker could not be woken: %s", type(error).__name__)
