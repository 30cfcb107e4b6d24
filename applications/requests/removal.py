"""The form of a page that asks before it removes something: one button, and what the person had before them."""

from collections.abc import Sequence
from typing import Any

from applications.draft_forms import DraftForm


class Removal(DraftForm):
    """A button that removes nothing of what somebody saved since the page was opened; `parts` are what it removes."""

    def __init__(self, *args: Any, parts: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = list(parts)
