"""Punctuation between things that the code puts side by side, as the language of the page writes it.

Sentences are translated whole; this is for lists, labels and values. Tags: `portal/templatetags/frame.py`.
"""

from collections.abc import Iterable

from django.utils.translation import pgettext, pgettext_lazy

# Chinese has marks of full width, without a space after them.
MARKS = {
    "comma": pgettext_lazy("mark and its space", ", "),
    "colon": pgettext_lazy("mark and its space", ": "),
    "stop": pgettext_lazy("mark and its space", ". "),
}


def listed(things: Iterable[object]) -> str:
    """Write things one after the other: `A, B, C`, in Chinese `A、B、C`."""
    return pgettext("between items of a list", ", ").join(str(thing) for thing in things)
