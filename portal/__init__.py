"""The portal: what both domains stand on, and the wiring above them."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
