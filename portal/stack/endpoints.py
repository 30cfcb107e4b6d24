"""Which PostgreSQL and which broker a process talks to. Needs neither Django nor a running server.

The supervisor (`supervisor.py`) writes what is read here: `run.lock` is locked as long as it lives, `run.json`
says where its servers are, `secret_key` is kept from start to start.
"""

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

LOCK_NAME = "run.lock"
STATE_NAME = "run.json"
SECRET_KEY_NAME = "secret_key"
NO_PORTAL = "No portal is running here: `make run`, or set DATABASE_URL"


@dataclass(frozen=True)
class Servers:
    """Two addresses, each empty where there is none, and the address of the site where one is running."""

    database_url: str = ""
    redis_url: str = ""
    site_url: str = ""


def find(data_dir: Path, *, database_url: str = "", redis_url: str = "") -> Servers:
    """Return the given addresses, else those of the portal that runs on this data directory, else none."""
    running = running_state(data_dir) or {}
    return Servers(
        database_url=with_socket_as_option(database_url or running.get("database_url", "")),
        redis_url=redis_url or running.get("redis_url", ""),
        site_url=running.get("site_url", ""),
    )


def running_state(data_dir: Path) -> dict | None:
    """Return what the running supervisor wrote, or None where none holds the lock (or it is another user's)."""
    try:
        if not is_locked(data_dir / LOCK_NAME):
            return None
        return json.loads((data_dir / STATE_NAME).read_text())
    except (OSError, ValueError):
        return None


def is_locked(path: Path) -> bool:
    """Say whether another process holds the lock on this file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def kept_secret_key(data_dir: Path) -> str:
    """Return the key that `make run` generated on its first start, empty where there is none or it is not ours."""
    try:
        return (data_dir / SECRET_KEY_NAME).read_text().strip()
    except OSError:
        return ""


def with_socket_as_option(url: str) -> str:
    """Rewrite `postgres://user@%2Fsocket%2Fdirectory/name` as `postgres://user@/name?host=/socket/directory`.

    libpq reads both; django-environ only the second.
    """
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not host.lower().startswith("%2f"):
        return url
    query = "&".join(filter(None, [parts.query, f"host={unquote(host)}"]))
    return urlunsplit(parts._replace(netloc=user + at, query=query))
