"""`make run`: the servers, the tables, the web server, the worker and beat, on one data directory."""

import contextlib
import fcntl
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import environ

from portal.stack import commands, endpoints, place
from portal.stack.postgres import Postgres
from portal.stack.processes import Program, Watchdog
from portal.stack.supervisor import GaveUp, Service, Stopped, Supervisor, say
from portal.stack.valkey import Valkey, can_listen, free_port, is_free

# A portal that was killed a moment ago may still be going.
LOCK_SECONDS = 15.0
PASSWORD = "moonrock-demo"
ACCOUNTS = (
    ("admin@example.org", "administrator, signs publications"),
    ("director@example.org", "administrator, signs publications"),
    ("chair@example.org", "chair of the panels"),
    ("reviewer1@example.org … reviewer8@example.org", "reviewers"),
    ("curator@example.org", "curator"),
    ("applicant@example.org", "principal investigator"),
    ("colleague@example.org", "invited co-investigator"),
    ("rival@example.org", "second applicant"),
    ("auditor@example.org", "auditor"),
)


@dataclass(frozen=True)
class Settings:
    """What the environment, or `.env`, says about this start."""

    data_dir: Path
    port: int
    demo: bool
    database_url: str
    redis_url: str
    email_url: str
    site_url: str


def read_settings() -> Settings:
    """Read what the supervisor needs, by the same reader and with the same defaults as portal/settings.py."""
    env = environ.Env()
    env.read_env(place.ROOT / ".env")
    try:
        port = int(env.str("PORT", default="") or 8000)
    except ValueError:
        sys.exit(f"PORT must be a number, not {os.environ['PORT']!r}.")
    site_url = env.str("SITE_URL", default="")
    return Settings(
        data_dir=(place.ROOT / (env.str("DATA_DIR", default="") or "var")).resolve(),
        port=port,
        demo=env.bool("DEMO", default=True) and not site_url.startswith("https://"),
        database_url=env.str("DATABASE_URL", default=""),
        redis_url=env.str("REDIS_URL", default=""),
        email_url=env.str("EMAIL_URL", default=""),
        site_url=site_url.rstrip("/") or f"http://127.0.0.1:{port}",
    )


def run() -> int:
    """Start the portal, keep it alive, and stop all of it in the end; return the exit code."""
    settings = read_settings()
    place.make_data_dir(settings.data_dir)
    lock = hold_lock(settings.data_dir)
    addresses = free_addresses(settings.port)
    watchdog = Watchdog(held_locks=(lock,))
    portal = Portal(settings, Supervisor(watchdog))
    try:
        portal.start(addresses)
        portal.supervisor.keep_alive()
    except Stopped:
        say("Stopping ...")
        return 0
    except GaveUp as error:
        say(str(error))
        return 1
    finally:
        portal.stop()
    return 0


def hold_lock(data_dir: Path) -> int:
    """Take the lock on the data directory for as long as we live; say so and exit where another portal has it."""
    lock = os.open(data_dir / endpoints.LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            state = endpoints.running_state(data_dir) or {}
            if _exists(state.get("pid")) or time.monotonic() > deadline:
                where = f" at {state['site_url']}" if state else ""
                who = f" (process {state['pid']})" if state else ""
                sys.exit(f"A portal is already running here{where}{who}, on the data in {data_dir}.")
        time.sleep(0.1)


def _exists(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def free_addresses(port: int) -> list[str]:
    """Return where the web server listens: 127.0.0.1, and ::1 where there is one, since `localhost` may be either."""
    used = f"Port {port} is already used by another program: PORT=8001 make run"
    if not is_free(port):
        sys.exit(used)
    addresses = [f"127.0.0.1:{port}"]
    if can_listen(socket.AF_INET6, "::1", port):
        addresses.append(f"[::1]:{port}")
    elif can_listen(socket.AF_INET6, "::1", 0):
        sys.exit(used)
    return addresses


def first_administrator(data_dir: Path) -> str:
    """Return the command that makes the first administrator on these data, and not on those of another portal here."""
    elsewhere = "" if data_dir == place.ROOT / "var" else f"DATA_DIR={data_dir} "
    return f"{elsewhere}.venv/bin/python manage.py create_administrator EMAIL"


class Portal:
    """One start of the portal on one data directory."""

    def __init__(self, settings: Settings, supervisor: Supervisor) -> None:
        self.settings = settings
        self.supervisor = supervisor
        self._state: dict = {
            "pid": os.getpid(),
            "site_url": settings.site_url,
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        self._runtime = place.temporary_directory("portal-")
        supervisor.watchdog.remove(self._runtime)
        self._remove_runtime_of_a_killed_run()
        self._note(socket_dir=str(self._runtime))
        supervisor.on_change = lambda pids: self._note(processes=pids)
        supervisor.listen()
        self._environment = self._make_environment()

    def start(self, addresses: list[str]) -> None:
        """Start the servers, prepare the database, then start what serves; print where it is.

        Raises: GaveUp; Stopped.
        """
        say(f"Starting the portal on the data in {self.settings.data_dir} ...")
        self._start_servers()
        code = self.supervisor.run(self._program("prepare", commands.PREPARE, log=False))
        if code not in (0, commands.WITHOUT_DEMONSTRATION):
            raise GaveUp("The database could not be prepared; the reason stands above.")
        web = self._serve("web", commands.web(addresses), answers=self._web_answers)
        self.supervisor.wait_for(web)
        self._serve("worker", commands.worker(), orphan_signal=signal.SIGQUIT)
        self._serve("beat", commands.beat(str(self.settings.data_dir)))
        self._greet(demonstration=self.settings.demo and code == 0)

    def stop(self) -> None:
        """Stop everything and take away what says that a portal runs here."""
        self.supervisor.stop()
        shutil.rmtree(self._runtime, ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            (self.settings.data_dir / endpoints.STATE_NAME).unlink()

    def _start_servers(self) -> None:
        data_dir, kept = self.settings.data_dir, self._kept()
        home, logs = place.server_home(data_dir), data_dir / "logs"
        services: list[Service] = []
        database_url, redis_url = self.settings.database_url, self.settings.redis_url
        postgres = valkey = None
        if not database_url:
            passwords = (kept["postgres_superuser"], kept["postgres"])
            postgres = Postgres(home / "postgres", self._runtime / "s", *passwords, True, logs / "postgres.log")
            postgres.prepare()
            services.append(self.supervisor.start(postgres.program(), postgres.answers))
            database_url = postgres.url
        if not redis_url:
            valkey = Valkey(home / "valkey", kept["valkey_port"], kept["valkey"], True, logs / "valkey.log")
            valkey.prepare()
            services.append(self.supervisor.start(valkey.program(), valkey.answers))
            redis_url = valkey.url
        for service in services:
            self.supervisor.wait_for(service)
        if postgres:
            postgres.create_database()
        self._environment |= {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
        self._note(database_url=database_url, redis_url=redis_url)

    def _kept(self) -> dict:
        """Return the servers' passwords and the broker's port, generated on the first start.

        The port stays the same from start to start unless another program has taken it meanwhile.
        """
        path = self.settings.data_dir / "servers.json"
        if path.exists():
            kept = json.loads(path.read_text())
        else:
            kept = {name: secrets.token_hex(24) for name in ("postgres_superuser", "postgres", "valkey")}
        if not is_free(kept.get("valkey_port", 0)) or not kept.get("valkey_port"):
            kept["valkey_port"] = free_port()
        place.write_private(path, json.dumps(kept))
        return kept

    def _make_environment(self) -> dict[str, str]:
        path = self.settings.data_dir / endpoints.SECRET_KEY_NAME
        if not path.exists():
            place.write_private(path, secrets.token_urlsafe(50))
        return {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "DATA_DIR": str(self.settings.data_dir),
            "PORT": str(self.settings.port),
            "DEMO": "1" if self.settings.demo else "0",
            "SECRET_KEY": os.environ.get("SECRET_KEY") or path.read_text().strip(),
            "PYTHONUNBUFFERED": "1",
        }

    def _program(
        self, name: str, words: list[str], *, log: bool = True, orphan_signal: signal.Signals | None = None
    ) -> Program:
        return Program(
            name,
            [sys.executable, *words[1:]],
            self._environment,
            log=self.settings.data_dir / "logs" / f"{name}.log" if log else None,
            directory=place.ROOT,
            orphan_signal=orphan_signal,
        )

    def _serve(
        self,
        name: str,
        words: list[str],
        *,
        answers: Callable[[], bool] | None = None,
        orphan_signal: signal.Signals | None = None,
    ) -> Service:
        return self.supervisor.start(self._program(name, words, orphan_signal=orphan_signal), answers)

    def _web_answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.settings.port, timeout=5)
        try:
            connection.request("GET", "/health/live")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _remove_runtime_of_a_killed_run(self) -> None:
        with contextlib.suppress(OSError, ValueError, KeyError):
            left = Path(json.loads((self.settings.data_dir / endpoints.STATE_NAME).read_text())["socket_dir"])
            if left.name.startswith("portal-") and left != self._runtime:
                shutil.rmtree(left)

    def _note(self, **facts: object) -> None:
        self._state |= facts
        place.write_private(self.settings.data_dir / endpoints.STATE_NAME, json.dumps(self._state, indent=1))

    def _greet(self, *, demonstration: bool) -> None:
        port, mail = self.settings.port, self.settings.data_dir / "mail"
        lines = ["", f"The portal answers at http://127.0.0.1:{port}/ and http://localhost:{port}/"]
        if demonstration:
            width = max(len(address) for address, _ in ACCOUNTS)
            lines += ["", f"Demonstration accounts, all with the password {PASSWORD}:"]
            lines += [f"  {address:<{width}}  {role}" for address, role in ACCOUNTS]
        else:
            lines += ["", f"The first administrator: {first_administrator(self.settings.data_dir)}"]
        mail_goes = f"by {self.settings.email_url.partition(':')[0]}" if self.settings.email_url else f"to {mail}"
        lines += ["", f"Mail is written {mail_goes}", f"Logs are in {self.settings.data_dir / 'logs'}"]
        say("\n".join([*lines, "Ctrl-C stops everything.", ""]))
