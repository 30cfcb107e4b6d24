"""Logs are JSON, a line each."""

import json
import logging
import sys

import structlog

from portal import logs


def written(record: logging.LogRecord) -> dict:
    line = logs.formatter().format(record)
    assert "\n" not in line
    return json.loads(line)


def test_a_record_becomes_one_object() -> None:
    record = logging.LogRecord("portal.web", logging.WARNING, __file__, 1, "slow: %s ms", (12,), None)
    facts = written(record)
    assert facts.pop("timestamp").endswith("Z")
    assert facts == {"event": "slow: 12 ms", "logger": "portal.web", "level": "warning"}


def test_an_error_keeps_its_trace_on_the_line() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    assert written(record)["exception"].endswith("ValueError: broken")


def test_the_request_that_a_framework_attaches_is_dropped() -> None:
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "failed", (), None)
    record.request = "someone@example.org asked"
    assert "request" not in written(record)


def test_loggers_of_structlog_end_in_the_same_place(caplog) -> None:
    logs.formatter()
    with caplog.at_level(logging.INFO):
        structlog.get_logger("portal.jobs").info("delivered", notice=7)
    facts = written(caplog.records[-1])
    assert (facts["event"], facts["notice"], facts["level"]) == ("delivered", 7, "info")
