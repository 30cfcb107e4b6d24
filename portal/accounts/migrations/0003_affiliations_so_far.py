from django.db import migrations

# Where somebody works now is all that is known of the time before: it counts from the day of the account.
BEGIN = """
INSERT INTO accounts_affiliation (user_id, institution_id, since)
SELECT id, institution_id, created_at FROM accounts_user WHERE institution_id IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_signing_in'),
    ]

    operations = [
        migrations.RunSQL(BEGIN, migrations.RunSQL.noop),
    ]
