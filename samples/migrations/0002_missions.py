"""The missions are facts, not demonstration: every portal knows them. Their rows stand in `samples/data/missions.csv`."""

import csv
from pathlib import Path

from django.db import migrations

MISSIONS = Path(__file__).resolve().parents[1] / "data" / "missions.csv"


def add_missions(apps, schema_editor):
    """Add what is missing, change nothing that is there."""
    Mission = apps.get_model("samples", "Mission")
    with MISSIONS.open(encoding="utf-8", newline="") as file:
        for facts in csv.DictReader(file):
            Mission.objects.get_or_create(code=facts.pop("code"), defaults=facts)


class Migration(migrations.Migration):
    dependencies = [("samples", "0001_initial")]

    operations = [migrations.RunPython(add_missions, migrations.RunPython.noop)]
