"""What the way after submission keeps: reminders, earlier plans, declarations made anew, who may be named."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0003_declared_with_versions'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='call',
            name='standing_reminded_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='clarification',
            name='reminded_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='schedulenote',
            name='earlier_interviews_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='schedulenote',
            name='earlier_results_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='NamingChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('names', models.BooleanField(verbose_name='the principal investigator may be named in public')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('submission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='naming_choices', to='applications.submission')),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Redeclaration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('declared', models.JSONField()),
                ('at', models.DateTimeField()),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='redeclarations', to='applications.application')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('change', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='redeclaration', to='applications.changereport')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='namingchoice',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b689a1af5e5962507ce3f360b692c36514e92e6f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_48fd0', table='applications_namingchoice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='namingchoice',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot truncate the table %', TG_TABLE_NAME;", hash='26688a304cc41a4049ea552b9a0ca180fc4aafca', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_4bea7', table='applications_namingchoice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='redeclaration',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0d572bb387a7d851278e31623e3e5cbb560131c9', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b4062', table='applications_redeclaration', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='redeclaration',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot truncate the table %', TG_TABLE_NAME;", hash='550deddb441bd8bc9f15ecdf1a7f96aed87a32ae', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_d4943', table='applications_redeclaration', when='BEFORE')),
        ),
    ]
