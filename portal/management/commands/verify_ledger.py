"""Checks that every movement, counter, hold and hash is whole: `manage.py verify_ledger`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from applications import chain, holdings
from samples import ledger


class Command(BaseCommand):
    """Print each fault; exit 0 only where there is none."""

    help = "Check that movements, counters, holds, awards and the chain of the public record agree."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                if len(connection.savepoint_ids) == 0:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SET LOCAL statement_timeout = 0")
            faults = [*ledger.faults(), *holdings.faults(), *chain.faults()]
            number, head = chain.head()
        for fault in faults:
            self.stdout.write(f"FAULT {fault}")
        if faults:
            raise CommandError(f"{len(faults)} faults", returncode=1)
        self.stdout.write(f"The ledger and the public record are whole: {number} entries, the last one {head}.")
