"""`make test` and `make trial`: pytest beside servers of its own, in a directory of its own, removed afterwards."""

import os
import shutil
import signal
import sys
from pathlib import Path

from portal.stack import place
from portal.stack.postgres import Postgres
from portal.stack.processes import Program, Watchdog
from portal.stack.supervisor import GaveUp, Stopped, Supervisor, say
from portal.stack.valkey import Valkey, free_port

MOST_PROCESSES = 8


def run(words: list[str], *, trial: bool = False) -> int:
    """Start the servers that are not given, run pytest with these words, and return its exit code.

    Trials kill servers and count what was acknowledged, so theirs survive a crash as those of `make run` do.
    """
    watchdog = Watchdog()
    directory = place.temporary_directory("portal-test-")
    watchdog.remove(directory)
    supervisor = Supervisor(watchdog)
    supervisor.listen()
    try:
        environment = _environment(directory)
        environment |= _start_servers(supervisor, directory, environment, durable=trial)
        arguments = trial_arguments(words) if trial else test_arguments(words)
        program = Program(
            "pytest",
            # Playwright empties its output directory, so each run has one of its own.
            [sys.executable, "-m", "pytest", f"--output={directory / 'browser'}", *arguments],
            environment,
            directory=place.ROOT,
            stop_signal=signal.SIGINT,
        )
        return supervisor.run(program)
    except GaveUp as error:
        say(str(error))
        return 1
    except Stopped:
        return 130
    finally:
        supervisor.stop()
        shutil.rmtree(directory, ignore_errors=True)


def test_arguments(words: list[str]) -> list[str]:
    """Return pytest's arguments: the whole suite on all cores, a narrowed run in one process."""
    if any(word.startswith("-n") or word == "-p" for word in words) or any(_is_path(word) for word in words):
        return words
    count = min(MOST_PROCESSES, max(2, os.cpu_count() or 2))
    # Tests of one running portal stay in one process (`xdist_group`).
    return ["-n", str(count), "--dist", "loadgroup", *words]


def trial_arguments(words: list[str]) -> list[str]:
    """Return pytest's arguments for the trials: all, or those whose name contains the first word."""
    if words and not words[0].startswith("-") and not _is_path(words[0]):
        words = ["-k", *words]
    return ["-s", *words] if any(_is_path(word) for word in words) else ["-s", "tests/trials", *words]


def _is_path(word: str) -> bool:
    return not word.startswith("-") and (place.ROOT / word.split("::")[0]).exists()


def _environment(directory: Path) -> dict[str, str]:
    """Return the suite's surroundings: every setting that `.env` could change is set, so that it changes nothing."""
    data_dir = directory / "data"
    data_dir.mkdir(mode=0o700)
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATA_DIR": str(data_dir),
        "SECRET_KEY": "the-suite-signs-with-this-key-and-nothing-else-does-0123456789",
        "SITE_URL": "http://127.0.0.1:8000",
        "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
        "EMAIL_URL": "",
        "DEBUG": "0",
        "DEMO": "0",
        "PORT": "8000",
        "STORAGE_BUCKET": "",
        "TRUSTED_PROXY_COUNT": "0",
    }


def _start_servers(
    supervisor: Supervisor, directory: Path, environment: dict[str, str], *, durable: bool
) -> dict[str, str]:
    """Start those servers whose address is not given and return the addresses."""
    started: dict[str, str] = {}
    services = []
    if not environment.get("DATABASE_URL"):
        postgres = Postgres(
            directory / "postgres", directory / "s", "suite", "suite", durable, directory / "postgres.log", 300
        )
        postgres.prepare()
        services.append(supervisor.start(postgres.program(), postgres.answers))
        started["DATABASE_URL"] = postgres.url
    if not environment.get("REDIS_URL"):
        valkey = Valkey(directory / "valkey", free_port(), "suite", durable, directory / "valkey.log")
        valkey.prepare()
        services.append(supervisor.start(valkey.program(), valkey.answers))
        started["REDIS_URL"] = valkey.url
    for service in services:
        supervisor.wait_for(service)
    if "DATABASE_URL" in started:
        postgres.create_database(may_empty=True)
    return started
