"""The portal's clock in SQL, the cache table, and the kept answers of requests sent twice."""

from django.core.management import call_command
from django.db import migrations

CLOCK = """
CREATE FUNCTION portal_now() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT COALESCE(NULLIF(current_setting('portal.now', true), '')::timestamptz, statement_timestamp()) $$
"""


def create_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    # Columns of every room may have the clock as their default.
    run_before = [("accounts", "0001_initial"), ("audit", "0001_initial"), ("samples", "0001_initial")]
    operations = [
        migrations.RunSQL(CLOCK, "DROP FUNCTION portal_now()"),
        migrations.RunPython(create_cache_table, migrations.RunPython.noop),
    ]
