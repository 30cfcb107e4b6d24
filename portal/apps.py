"""The portal's own app: commands, template tags, translations, the replay of answered requests."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    label = "portal"
