"""`create_administrator EMAIL`: the first administrator, by a link that is good once and for 24 hours."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts.invitations import invite_first_administrator
from portal.errors import Refused


class Command(BaseCommand):
    """Print a link with which the owner of an address becomes an administrator."""

    help = "Print a one-time link, good for 24 hours, that makes the owner of EMAIL an administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--force", action="store_true", help="also where an active administrator exists")

    def handle(self, *args: str, **options: str) -> None:
        try:
            link = invite_first_administrator(options["email"], force=bool(options["force"]))
        except Refused as refusal:
            raise CommandError(f"{refusal.message} Use --force if nobody can sign in any more.") from None
        self.stdout.write(f"Good once, for 24 hours, for {options['email']}:\n{link}")
