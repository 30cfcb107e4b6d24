"""The Celery tasks of the portal itself, run by the beat schedule in settings."""

from celery import shared_task

from portal import orphans, replay


@shared_task(name="portal.forget_kept_answers")
def forget_kept_answers() -> None:
    """Delete the answers of requests whose repetition is not expected any more."""
    replay.forget()


@shared_task(name="portal.sweep_files")
def sweep_files() -> None:
    """Delete the files that were kept a day ago and to which nothing refers."""
    orphans.sweep()
