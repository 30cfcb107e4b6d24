"""The web server's worker, which notes when a request came, so that waiting for a free thread costs nobody a deadline.

In a rush, requests wait for a thread much longer than the wire took. What counts is when their first bytes were there:
`portal.clock` subtracts the wait. A connection that is opened early and says nothing gains nothing by it.
"""

import selectors
import time
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from portal import clock


class Worker(ThreadWorker):
    """Threads behind one loop that accepts, as gunicorn has it; each request knows since when it waits."""

    def accept(self, listener: Any) -> None:
        """Accept a connection; one that has said nothing yet waits in the loop, not in a thread."""
        try:
            wire, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return  # another worker was quicker, or the client has gone
        self.nr_conns += 1
        conn = TConn(self.cfg, wire, client, listener.getsockname())
        if conn.wait_for_data(0):
            self.enqueue_req(conn)
            return
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(wire, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def enqueue_req(self, conn: TConn) -> None:
        """Let a thread answer, from the moment the bytes are there."""
        conn.waits_since = time.monotonic()
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> Any:
        """Answer one request, in a thread."""
        with clock.waited(time.monotonic() - conn.waits_since):
            return super().handle(conn)
