"""What a request waited for a thread is known, and a connection that says nothing gains nothing by being early."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.stack import place
from portal.stack.valkey import free_port

WORK = 0.4  # seconds that the application takes
WORKER, THREADS = "portal.stack.arrivals.Worker", 1


def serve(worker: str) -> Iterator[int]:
    port = free_port()
    words = [sys.executable, "-m", "gunicorn", "tests.portal.stack.slow:application", "--worker-class", worker]
    words += ["--threads", str(THREADS), "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    process = subprocess.Popen(words, cwd=place.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            waited(port)
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("The server did not start.")


@pytest.fixture
def port() -> Iterator[int]:
    yield from serve(WORKER)


@pytest.fixture
def unaware() -> Iterator[int]:
    yield from serve("gthread")


def waited(port: int) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/")
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return float(answer)


def together(port: int, number: int) -> list[float]:
    with ThreadPoolExecutor(number) as pool:
        return sorted(pool.map(lambda _each: waited(port), range(number)))


def test_each_of_a_rush_is_told_how_long_it_waited(port: int) -> None:
    waits = together(port, 4)
    assert waits[0] < WORK / 2
    for number, wait in enumerate(waits):
        assert wait > number * WORK * 0.8
    assert waited(port) < WORK / 2  # and the next one starts at nothing


def test_control_the_ordinary_worker_knows_of_no_wait(unaware: int) -> None:
    assert together(unaware, 3) == [0.0, 0.0, 0.0]


def test_a_connection_that_says_nothing_gains_nothing(port: int) -> None:
    early = socket.create_connection(("127.0.0.1", port), timeout=30)
    together(port, 3)  # three times the work passes
    early.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    with early.makefile("rb") as answer:
        assert float(answer.read().rsplit(b"\n", 1)[-1]) < WORK / 2
    early.close()
