"""The addresses of this stage."""

from typing import Any

urlpatterns: list[Any] = []
