"""A place on a team may be kept before anybody is invited to it: a copied application sends nothing by itself."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0004_after_submission'),
    ]

    operations = [
        migrations.AlterField(
            model_name='teammember',
            name='invited_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
