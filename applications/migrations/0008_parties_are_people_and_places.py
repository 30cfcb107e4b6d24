"""A party is a person or an institution: who has not confirmed is no party yet, so no address is kept."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_own_names'),
        ('applications', '0007_parties_so_far'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='party',
            name='a_party_is_somebody_or_an_institution',
        ),
        migrations.RemoveField(
            model_name='party',
            name='email',
        ),
        migrations.RemoveField(
            model_name='party',
            name='orcid',
        ),
        migrations.AddConstraint(
            model_name='party',
            constraint=models.CheckConstraint(condition=models.Q(('user__isnull', False), ('institution__isnull', False), _connector='OR'), name='a_party_is_somebody_or_an_institution'),
        ),
    ]
