"""The applications domain: who asks, who judges, what is decided."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApplicationsConfig(AppConfig):
    name = "applications"

    def ready(self) -> None:
        # Models exist only now.
        from applications import (
            assigning_notices,
            barring,
            conflict_notices,
            exchange_notices,
            kept_files,
            notices,
            panel_notices,
            review_notices,
            team_notices,
        )
        from applications.access import sits_on_a_panel
        from applications.suspending import recheck
        from portal.accounts.identity import when_changed
        from portal.web import navigate

        assigning_notices.add_kinds()
        conflict_notices.add_kinds()
        exchange_notices.add_kinds()
        review_notices.add_kinds()
        team_notices.add_kinds()
        panel_notices.add_kinds()
        notices.register_kinds()
        barring.register_bars()
        kept_files.register_files()
        when_changed(recheck)
        navigate(_("Calls"), "applications:calls-list", 10)
        navigate(_("Decisions"), "applications:publication-decisions", 30)
        navigate(_("My applications"), "applications:apply-my", 40, shown=lambda user: user.is_authenticated)
        navigate(_("Reviews"), "applications:review-list", 50, shown=sits_on_a_panel)
        navigate(_("Desk"), "applications:calls-desk", 60, shown=lambda user: user.is_portal_staff)
