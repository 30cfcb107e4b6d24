"""What happens by itself: every scheduled task exists, and what the documentation promises of its times holds."""

from datetime import timedelta

from django.conf import settings

from applications.offline import queries
from portal import orphans
from portal.celery import app

HOUR = 3600.0


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    scheduled = {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    assert sorted(scheduled - set(app.tasks)) == []


def test_files_packs_and_uploads_go_when_the_documentation_says() -> None:
    schedule = {one["task"]: one["schedule"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    assert (schedule["portal.sweep_files"], orphans.YOUNG) == (HOUR, timedelta(hours=24))
    assert schedule["applications.forget_packs"] <= HOUR
    assert timedelta(hours=24) == queries.KEPT_FOR
    assert timedelta(hours=1) == queries.UPLOAD_KEPT_FOR
