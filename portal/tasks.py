"""The Celery tasks of the portal itself, run by the beat schedule in settings."""

from celery import shared_task

from portal import replay


@shared_task(name="portal.forget_kept_answers")
def forget_kept_answers() -> None:
    """Delete the answers of requests whose repetition is not expected any more."""
    replay.forget()
