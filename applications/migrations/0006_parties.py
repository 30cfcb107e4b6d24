"""Whom and which institutions a submission names, kept with it for conflicts of interest."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_own_names'),
        ('applications', '0005_invitations_not_sent_yet'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('orcid', models.CharField(blank=True, max_length=19)),
                ('institution', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.institution')),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parties', to='applications.submission')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('user__isnull', False), models.Q(('email', ''), _negated=True), models.Q(('orcid', ''), _negated=True), ('institution__isnull', False), _connector='OR'), name='a_party_is_somebody_or_an_institution')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='party',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b5aad96a7351b543dac1b8b47fa1a0b89ea528c5', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_8f0f3', table='applications_party', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='party',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot truncate the table %', TG_TABLE_NAME;", hash='8975d39f30726af05c3f5897e68cc9f6687d86e9', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_3893a', table='applications_party', when='BEFORE')),
        ),
    ]
