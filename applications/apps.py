"""The applications domain: who asks, who judges, what is decided."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "applications"

    def ready(self) -> None:
        from applications import notices  # models exist only now

        notices.register_kinds()
