"""Who has to hear that an account has changed in what conflicts are computed from: domains say so when they are ready.

That is where somebody works, which addresses they proved, and their ORCID iD. Accounts know nothing of what hangs on
these; `applications/suspending.py` does. Called in the transaction of the change itself, but for a new first address.
"""

from collections.abc import Callable
from typing import Any

_listeners: list[Callable[[Any], None]] = []


def when_changed(listener: Callable[[Any], None]) -> None:
    """Call `listener(user)` whenever institution, proved addresses or ORCID iD of an account have changed."""
    if listener not in _listeners:
        _listeners.append(listener)


def changed(user: Any) -> None:
    """Tell everybody who asked to hear of it that this account works elsewhere or has proved something new."""
    for listener in _listeners:
        listener(user)
