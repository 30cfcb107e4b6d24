"""Who sees what of the samples. The public sees the catalogue; masses held by unpublished decisions nobody outside."""

from typing import Any

from django.db.models import Q, QuerySet

from portal.roles import Permission
from samples.enums import SampleStatus
from samples.models import Sample


def visible_to(user: Any) -> QuerySet[Sample]:
    """Return the samples this person may open: what is published; for the stock's staff everything."""
    if user.is_authenticated and (user.may(Permission.READ_STOCK) or user.may(Permission.MANAGE_STOCK)):
        return Sample.objects.all()
    return Sample.objects.filter(published())


def published(path: str = "") -> Q:
    """Return what everybody may see, as a condition on samples, or on the samples at `path` (`parent__`)."""
    return Q(**{f"{path}published_at__isnull": False}) & ~Q(**{f"{path}status": SampleStatus.LOST})


def is_published(sample: Sample) -> bool:
    """Whether everybody may see this sample: the same as `published`, for one that was read already."""
    return sample.published_at is not None and sample.status != SampleStatus.LOST
