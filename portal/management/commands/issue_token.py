"""`issue_token EMAIL [--scope …]`: an API token from the command line."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.accounts import tokens
from portal.accounts.models import ApiToken, User
from portal.errors import Refused


class Command(BaseCommand):
    """Print a new API token of somebody as the last word."""

    help = "Print a new API token of EMAIL as the last word."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        offered = ", ".join(ApiToken.SCOPES)
        parser.add_argument(
            "--scope",
            action="extend",
            nargs="+",
            metavar="SCOPE",
            help=f"what it may do, one or more of {offered}; read by default",
        )
        parser.add_argument("--name", default="issue_token", help="what its owner sees it called")
        parser.add_argument("--days", type=int, choices=tokens.LIFETIMES, default=tokens.LIFETIMES[1])

    def handle(self, *args: str, **options: str) -> None:
        user = User.objects.filter(email=options["email"].strip().lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody with an open account has the address {options['email']}.")
        scopes = [scope for word in options["scope"] or ["read"] for scope in word.split(",")]
        if unknown := sorted(set(scopes) - set(ApiToken.SCOPES)):
            raise CommandError(f"No such scope: {', '.join(unknown)}. There are {', '.join(ApiToken.SCOPES)}.")
        try:
            token, text = tokens.issue(user, options["name"], scopes, by=None, days=int(options["days"]))
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from None
        self.stdout.write(f"{', '.join(token.scopes)}, until {token.expires_at:%Y-%m-%d}\n{text}")
