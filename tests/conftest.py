"""What every test may ask for: servers, the worker, the browser. Rows come from `factories/` and `scenarios.py`."""

import contextlib
import gc
import importlib
import ipaddress
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import pytest
import redis
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from playwright.sync_api import expect

from portal.celery import app as celery_app
from portal.stack import browser as browsers

# Playwright's synchronous interface runs an event loop in the thread in which tests use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
WORKER_START_SECONDS = 60
IDLE_SECONDS = 20
ANSWERED: dict[str, Any] = {"reply": True, "limit": 1, "timeout": 5}

# A busy machine is no reason to fail: what is slow is measured elsewhere.
BROWSER_MILLISECONDS = 20_000
hypothesis.settings.register_profile("suite", deadline=None, derandomize=os.environ.get("CI") == "true")
hypothesis.settings.load_profile("suite")
expect.set_options(timeout=BROWSER_MILLISECONDS)

missions = importlib.import_module("samples.migrations.0002_missions")
gc.set_threshold(100_000, 20, 20)  # looking for garbage was a fifth of the suite's time
_connect = socket.socket.connect


def _connect_to_loopback_only(self: socket.socket, address: Any) -> None:
    """Refuse every connection that leaves this machine: no test and no page may need another host."""
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = str(address[0])
        with contextlib.suppress(ValueError):
            if ipaddress.ip_address(host).is_loopback:
                return _connect(self, address)
        if host != "localhost":
            raise RuntimeError(f"A test tried to reach {host}: only this machine's own addresses are open to tests.")
    return _connect(self, address)


def _flush_with_append_only_tables(self: DatabaseOperations, statements: list[str]) -> None:
    """Bring the database back to an empty portal after a test that commits, append-only tables included."""
    with transaction.atomic(), self.connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("delete from portal_cache")
        missions.add_missions(apps, None)  # what a migration brought belongs to an empty portal


socket.socket.connect = _connect_to_loopback_only  # type: ignore[method-assign]
DatabaseOperations.execute_sql_flush = _flush_with_append_only_tables  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Look for garbage no more in what every test shares."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def real_servers(django_test_environment: None) -> None:
    """Stand on a real PostgreSQL and a real Redis-protocol server, and send mail as the portal does: to files."""
    assert connection.vendor == "postgresql"
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        assert broker.info("server")["redis_version"]
    # Django's test environment keeps messages in memory, where the worker's could not be seen.
    settings.EMAIL_BACKEND = "portal.notifications.backends.FilePerMessageBackend"


@pytest.fixture(autouse=True)
def english() -> None:
    """Begin every test in English, whatever language the page of an earlier test has left behind."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def mail_dir() -> Path:
    """Return the directory, empty now, that every message is written to, the worker's too."""
    shutil.rmtree(settings.MAIL_DIR, ignore_errors=True)
    settings.MAIL_DIR.mkdir(parents=True)
    return settings.MAIL_DIR


@dataclass
class Worker:
    """The running Celery worker of this test process."""

    process: subprocess.Popen[bytes]
    log: Path

    def wake(self) -> None:
        """Take tasks from now on, none of those that earlier tests left behind."""
        celery_app.control.purge()
        assert celery_app.control.add_consumer("celery", **ANSWERED), "The worker does not answer."

    def wait_until_idle(self, seconds: float = IDLE_SECONDS) -> None:
        """Return when no task waits and none runs."""
        with redis.Redis.from_url(settings.REDIS_URL) as broker:
            self._wait_until(lambda: not broker.llen("celery") and not self._busy(), seconds)

    def rest(self) -> None:
        """Take no more tasks, and return when none runs: the rows of other tests are none of this worker's business."""
        assert celery_app.control.cancel_consumer("celery", **ANSWERED), "The worker does not answer."
        self._wait_until(lambda: not self._busy(), IDLE_SECONDS)

    def _busy(self) -> bool:
        inspect = celery_app.control.inspect(timeout=5, limit=1)
        answers = [inspect.active(), inspect.reserved()]
        return not all(answers) or any(any(tasks.values()) for tasks in answers if tasks)

    def _wait_until(self, reached: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > deadline:
                raise AssertionError(f"The worker did not come to rest.\n{self.log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def worker_process(django_db_setup: None) -> Iterator[Worker]:
    """Start one real worker on this process's database and broker database; use the fixture `worker`."""
    name = connection.settings_dict["NAME"]
    environment = {
        **os.environ,
        "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl(),
    }
    log = settings.DATA_DIR / "worker.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "celery", "--app", "portal", "worker", "--concurrency", "1", "--loglevel", "info"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*words, "--without-gossip", "--without-mingle"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + WORKER_START_SECONDS
    while not celery_app.control.ping(timeout=0.5):
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"The worker did not start.\n{log.read_text()[-3000:]}", pytrace=False)
    started = Worker(process, log)
    started.rest()
    yield started
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def worker(transactional_db: None, worker_process: Worker) -> Iterator[Worker]:
    """Run tasks in a real worker, which sees what the test commits; it is at rest before the tables are emptied."""
    worker_process.wake()
    yield worker_process
    worker_process.wait_until_idle()
    worker_process.rest()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the machine's Chromium, or bring one; without any, skip loudly, and fail where nobody would hear it."""
    chromium = browsers.find() or browsers.bring()
    if chromium is None:
        if os.environ.get("CI") == "true":
            pytest.fail(browsers.MISSING, pytrace=False)
        pytest.skip(browsers.MISSING)
    # Even a name must not be looked up outside.
    rules = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
    return {
        **browser_type_launch_args,
        "executable_path": str(chromium.executable),
        "env": {**os.environ, **chromium.environment},
        "args": [rules],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Speak English in UTC unless a test asks for something else."""
    return {**browser_context_args, "locale": "en-GB", "timezone_id": "UTC"}


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say it loudly when journeys were skipped for want of a browser."""
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if browsers.MISSING in str(r.longrepr)]
    if skipped:
        terminalreporter.section("NO BROWSER", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(skipped)} browser tests did not run. {browsers.MISSING}")
