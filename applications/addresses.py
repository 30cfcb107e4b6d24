"""The parts of addresses that several rooms share. Importing it makes the converters known."""

from django.urls import register_converter


class Reference:
    """The public number of an application."""

    regex = "LSA-[0-9]{4}-[0-9]{5,12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Sha256:
    """A hash in hexadecimal digits."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Reference, "reference")
register_converter(Sha256, "sha256")

MINE = "my/applications/<reference:reference>/"
