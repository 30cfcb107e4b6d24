"""Logs: one JSON object a line, on standard error. Ids and codes belong in them, names and texts do not.

`settings.LOGGING` is `CONFIGURATION`; every logger of the standard library and of structlog ends in `formatter`.
"""

import logging
from collections.abc import Sequence

import structlog
from structlog.typing import Processor

CONFIGURATION = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "portal.logs.formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "celery": {"level": "WARNING"},
        "portal.orphans": {"level": "INFO"},  # also where the worker is told to say warnings only
    },
}

# What every line gets, whichever way it came.
SHARED: Sequence[Processor] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


def formatter() -> logging.Formatter:
    """Return the formatter that writes JSON, and lead structlog's own loggers to it."""
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[_drop_what_is_not_ours, structlog.processors.JSONRenderer(default=str)],
    )


def _drop_what_is_not_ours(
    logger: logging.Logger, name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Drop structlog's own marks and what frameworks attach to a record: requests hold addresses and names."""
    for key in ("_record", "_from_structlog", "request", "sock", "server_time"):
        event.pop(key, None)
    return event
