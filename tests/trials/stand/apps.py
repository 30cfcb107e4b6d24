"""Registers the kind of notice that the stand sends."""

from django.apps import AppConfig


class StandConfig(AppConfig):
    name = "tests.trials.stand"
    label = "stand"

    def ready(self) -> None:
        from django.contrib.auth import get_user_model

        from portal.notifications.kinds import Kind, register

        register(
            Kind(
                code="trial-note",
                about_model=get_user_model(),
                may_receive=lambda recipient, about, notice: True,
                url=lambda about: "/",
                context=lambda about, notice: {"number": notice.context["number"]},
            )
        )
