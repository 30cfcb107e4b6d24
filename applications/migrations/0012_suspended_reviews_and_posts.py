"""What a conflict suspends of somebody stands in one row, for their review and for what they said in the discussion."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def suspend(apps, _schema):
    """Write a row for every review suspended so far that nothing has followed, and for who declared and had written."""
    get = apps.get_model
    rows = {}
    assignments = get("applications", "Assignment").objects
    live = set(assignments.filter(ended_at__isnull=True).values_list("application", "reviewer"))
    for pair in assignments.filter(ended_because="conflict").order_by("ended_at"):
        if (pair.application_id, pair.reviewer_id) not in live:
            rows[pair.application_id, pair.reviewer_id] = pair.ended_at
    waived = set(get("applications", "Waiver").objects.values_list("application", "user"))
    wrote = set(get("applications", "DiscussionPost").objects.values_list("application", "author"))
    for one in get("applications", "Conflict").objects.all():
        pair = (one.application_id, one.user_id)
        if pair in wrote and pair not in waived:
            rows[pair] = max(one.at, rows.get(pair, one.at))
    suspensions = get("applications", "Suspension")
    suspensions.objects.bulk_create(
        suspensions(application_id=application, user_id=user, at=at) for (application, user), at in rows.items()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0011_rounds_are_worked_out_and_released_in_parts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Suspension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suspensions",
                        to="applications.application",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="suspension",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True)),
                fields=("application", "user"),
                name="somebody_is_suspended_once_from_an_application",
            ),
        ),
        migrations.AddConstraint(
            model_name="suspension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lifted_at__isnull", True), ("lifted_at__gte", models.F("at")), _connector="OR"
                ),
                name="a_suspension_is_lifted_afterwards",
            ),
        ),
        migrations.RunPython(suspend, migrations.RunPython.noop),
    ]
