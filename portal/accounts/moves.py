"""Who has to hear that somebody works elsewhere now: the domains say so when they are ready.

Accounts know nothing of what hangs on an institution; `applications/tallying.py` does: a move may bring a reviewer
into conflict. Called in the transaction of the move itself.
"""

from collections.abc import Callable
from typing import Any

_listeners: list[Callable[[Any], None]] = []


def when_moved(listener: Callable[[Any], None]) -> None:
    """Call `listener(user)` whenever the institution of an account has changed."""
    if listener not in _listeners:
        _listeners.append(listener)


def moved(user: Any) -> None:
    """Tell everybody who asked to hear of it that this account has another institution now."""
    for listener in _listeners:
        listener(user)
