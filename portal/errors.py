"""Why an action is refused. Actions raise these; pages show them at the form, the API as problem details."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any


class Refused(Exception):
    """An action did not happen. `message` is a translatable sentence for the person who asked."""

    code = "refused"

    def __init__(self, message: Any, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        if code:
            self.code = code

    @property
    def errors(self) -> Mapping[str | None, Sequence[Any]]:
        """Messages by field; the key None holds what belongs to no field."""
        return {self.field: [self.message]}


class Denied(Refused):
    """This person may not do it."""

    code = "denied"


class NotNow(Refused):
    """Nobody may do it in the present state."""

    code = "not-now"


class Invalid(Refused):
    """The content is not acceptable. `errors` holds every complaint, by field."""

    code = "invalid"

    def __init__(
        self,
        message: Any = "",
        *,
        code: str | None = None,
        field: str | None = None,
        errors: Mapping[str | None, Sequence[Any]] | None = None,
    ) -> None:
        if errors and not message:
            message = next(iter(errors.values()))[0]
        super().__init__(message, code=code, field=field)
        self._errors = errors

    @property
    def errors(self) -> Mapping[str | None, Sequence[Any]]:
        return self._errors or super().errors


def refusal_of(check: Callable[..., Any], *args: Any) -> Refused | None:
    """Return why a check refuses what a page offers, so that the page can say it beforehand; None where it does not."""
    try:
        check(*args)
    except Refused as refusal:
        return refusal
    return None
