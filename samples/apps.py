"""The samples domain: what exists, how much is left, where it is."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SamplesConfig(AppConfig):
    name = "samples"

    def ready(self) -> None:
        from portal.web import navigate  # models exist only now

        navigate(_("Samples"), "samples:catalogue-list", 20)
