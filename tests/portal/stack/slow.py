"""An application that takes its time, and says how long each request had waited for its thread, in seconds."""

import json
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from portal import clock

MOMENT = datetime(2027, 1, 1, tzinfo=UTC)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    waited = (MOMENT - clock.arrival(MOMENT)).total_seconds()
    time.sleep(0.4)
    body = json.dumps(waited).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
