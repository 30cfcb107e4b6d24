"""Every column that could refer to a kept PDF says whether it does; a forgotten one would lose files to the sweep."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.files.base import ContentFile
from django.db import connection, models

from applications.apply import actions as apply
from applications.attachments import actions as attachments
from applications.declarations import statements
from applications.enums import Status
from applications.following import actions as following
from applications.models import Application
from portal import files, orphans
from portal.orphans import _could_hold_a_hash, suspects, unnamed
from tests.factories.accounts import UserFactory
from tests.factories.applications import call_of, draft_of
from tests.factories.exchanges import question_of
from tests.factories.files import pdf


def test_every_column_that_could_refer_to_a_file_says_whether_it_does() -> None:
    assert unnamed() == [], "name them in applications/kept_files.py or portal/apps.py"


def test_no_column_says_both_or_is_gone() -> None:
    assert orphans._refers & orphans._holds_no_file == set()
    assert (orphans._refers | orphans._holds_no_file) - suspects() == set()


@pytest.mark.parametrize(
    ("field", "suspect"),
    [
        (models.CharField(name="file_sha256", max_length=64), True),
        (models.CharField(name="plan", max_length=64), True),
        (models.CharField(name="evidence", max_length=80), True),
        (models.TextField(name="attachment"), True),
        (models.BinaryField(name="digest"), True),
        (models.JSONField(name="facts"), True),
        (models.FileField(name="plan"), True),
        (ArrayField(models.CharField(max_length=64), name="plans"), True),
        (models.CharField(name="file_state", max_length=8), False),
        (models.PositiveIntegerField(name="file_bytes"), False),
        (models.TextField(name="question"), False),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_column_is_suspect_by_name_length_or_kind(field: models.Field, suspect: bool) -> None:
    assert _could_hold_a_hash(field) == suspect


@pytest.mark.django_db
def test_no_other_column_ever_held_the_hash_of_a_file() -> None:
    """Files on every way into the portal; then every column of every table is searched for their hashes."""
    kept = [files.keep_pdf(ContentFile(pdf(pages))) for pages in (1, 2, 3, 4)]
    draft = draft_of(call_of(), UserFactory())
    team = draft.principal_investigator
    attachments.attach(draft, by=team, upload=kept[0])
    statements.attach_evidence(draft.draft_authorisations.all()[0], by=team, kept=kept[1])
    apply.submit(draft, by=team)
    attachments.attach(draft, by=team, upload=kept[2])
    Application.objects.filter(pk=draft.pk).update(status=Status.UNDER_REVIEW)
    following.answer(question_of(draft), by=team, text="Yes.", file=kept[3])

    holders = set(_holding([one.sha256 for one in kept]))

    assert holders == {
        "applications.Application.file_sha256",
        "applications.AuthorisationRecord.evidence_sha256",
        "applications.Clarification.file_sha256",
        "applications.DraftAuthorisation.evidence_sha256",
        "applications.Submission.document",
        "audit.Event.facts",
    }
    assert holders - orphans._refers == {"audit.Event.facts"}
    assert orphans.referred_among([one.sha256 for one in kept]) == {one.sha256 for one in kept}


def _holding(digests: list[str]) -> Iterator[str]:
    wanted = "|".join(digests)
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            names = [connection.ops.quote_name(name) for name in (model._meta.db_table, field.column)]
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT EXISTS(SELECT FROM {names[0]} WHERE {names[1]}::text ~ %s)", [wanted])
                if cursor.fetchone()[0]:
                    yield f"{model._meta.label}.{field.name}"
