"""The office as an app: its entries in the main navigation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfficeConfig(AppConfig):
    name = "portal.office"
    label = "office"

    def ready(self) -> None:
        from portal.roles import Permission
        from portal.web import navigate

        navigate(_("Mail"), "office:mail", 80, lambda user: user.may(Permission.SEE_MAIL))
        navigate(_("Audit trail"), "office:audit", 90, lambda user: user.may(Permission.READ_AUDIT))
