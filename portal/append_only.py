"""Rows that may be created and never changed; the database refuses the rest, whoever asks."""

import pgtrigger
from django.db import models


def never_truncated() -> pgtrigger.Trigger:
    """Return the trigger that refuses TRUNCATE of a model's table."""
    return pgtrigger.Trigger(
        name="no_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'Cannot truncate the table %', TG_TABLE_NAME;",
    )


class AppendOnly(models.Model):
    """A record: UPDATE, DELETE and TRUNCATE are refused by triggers of its table.

    A subclass with a Meta of its own inherits from `AppendOnly.Meta`.
    """

    class Meta:
        abstract = True
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            never_truncated(),
        ]
