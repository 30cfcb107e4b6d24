"""The portal's own app: commands, template tags, translations, the replay of answered requests."""

from django.apps import AppConfig

# Columns that could hold the hash of a kept PDF and hold none, or, in what is only told afterwards (the trail, answers
# kept for a day), none that keeps the file.
NO_FILE = (
    "account.EmailConfirmation.key",
    "accounts.ApiToken.token_hash",
    "accounts.Invitation.token_hash",
    "accounts.LoginFailures.key",
    "accounts.User.zone",
    "audit.Event.facts",
    "audit.EventText.old",
    "mfa.Authenticator.data",
    "notifications.Notice.context",
    "portal.KeptAnswer.fingerprint",
    "portal.KeptAnswer.headers",
    "socialaccount.SocialAccount.extra_data",
    "socialaccount.SocialApp.settings",
)


class PortalConfig(AppConfig):
    name = "portal"
    label = "portal"

    def ready(self) -> None:
        from portal import orphans  # the database is known only now

        orphans.holds_no_file(*NO_FILE)
