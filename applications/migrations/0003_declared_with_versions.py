"""What was declared in drafts becomes a mapping, from a code to its version and words."""

from django.db import migrations


def to_mapping(apps, schema_editor):
    Application = apps.get_model("applications", "Application")
    for application in Application.objects.filter(declared__isnull=False).select_related("call").iterator():
        if isinstance(application.declared, list):
            versions = dict(application.call.declarations.values_list("code", "version"))
            application.declared = {
                code: {"version": versions.get(code, 1), "details": ""} for code in application.declared
            }
            application.save(update_fields=["declared"])


def to_list(apps, schema_editor):
    Application = apps.get_model("applications", "Application")
    for application in Application.objects.iterator():
        if isinstance(application.declared, dict):
            application.declared = sorted(application.declared)
            application.save(update_fields=["declared"])


class Migration(migrations.Migration):
    dependencies = [("applications", "0002_applying")]
    operations = [migrations.RunPython(to_mapping, to_list)]
