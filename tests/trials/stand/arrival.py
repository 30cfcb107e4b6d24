"""The settings of the deadline trial: the suite's, and every answer says when its request arrived."""

from tests.settings import *  # noqa: F403

MIDDLEWARE = [*MIDDLEWARE]  # noqa: F405
MIDDLEWARE.insert(MIDDLEWARE.index("portal.web.TransactionMiddleware") + 1, "tests.trials.stand.arriving.Arrival")
