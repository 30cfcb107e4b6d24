"""A round says how far it is and what it met; each proposal, when it was released."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0010_packs_in_a_language_and_uploads_that_wait")]

    operations = [
        migrations.AddField(
            model_name="assignmentround",
            name="state",
            field=models.CharField(
                choices=[("asked", "Being worked out"), ("ready", "Worked out"), ("failed", "Cannot be done")],
                default="asked",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="assignmentround",
            name="with_chair",
            field=models.BooleanField(default=False, verbose_name="the chair reviews, too"),
        ),
        migrations.AddField(
            model_name="assignmentround", name="found", field=models.JSONField(blank=True, default=dict)
        ),
        migrations.AddField(
            model_name="proposal", name="released_at", field=models.DateTimeField(blank=True, null=True)
        ),
    ]
