"""Submissions made before get the parties that their applications name now."""

from django.db import migrations


def name_parties(apps, schema_editor):
    Application, Party = apps.get_model("applications", "Application"), apps.get_model("applications", "Party")
    rows = Application.objects.filter(submission__isnull=False, submission__parties=None)
    for application in rows.select_related("principal_investigator").iterator():
        head = application.principal_investigator
        team = list(application.team.filter(confirmed_at__isnull=False).select_related("user"))
        parties = [Party(submission_id=application.submission_id, user=head)]
        parties += [
            Party(submission_id=application.submission_id, user=one.user, email=one.email, orcid=one.orcid)
            for one in team
        ]
        places = {application.institution_id, head.institution_id}
        places |= {one.institution_id for one in team} | {one.user.institution_id for one in team if one.user}
        places |= set(application.places.filter(kind="holder").values_list("institution", flat=True))
        parties += [
            Party(submission_id=application.submission_id, institution_id=place) for place in places - {None}
        ]
        Party.objects.bulk_create(parties)


class Migration(migrations.Migration):
    dependencies = [("applications", "0006_parties")]
    operations = [migrations.RunPython(name_parties, migrations.RunPython.noop)]
