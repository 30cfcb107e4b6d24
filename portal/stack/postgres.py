"""The PostgreSQL that `make run` and `make test` start where no DATABASE_URL is given.

The programs come from a wheel; only they are used. Sockets only, no TCP; passwords all the same.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from portal.stack import place
from portal.stack.processes import Program

SUPERUSER = "postgres"
ROLE = "portal"
DATABASE = "portal"

DURABLE = {"max_connections": "100", "shared_buffers": "128MB"}
# Nothing here survives a crash, and nothing has to: the cluster lives as long as one `make test`.
EPHEMERAL = {
    "max_connections": "300",
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


@dataclass(frozen=True)
class Postgres:
    """One cluster: where it lies, where its socket is, its passwords, and whether it must survive a crash."""

    cluster: Path
    socket: Path
    superuser_password: str
    password: str
    durable: bool
    log: Path
    connections: int | None = None

    @property
    def url(self) -> str:
        """Return the address of the portal's database."""
        return f"postgres://{ROLE}:{self.password}@/{DATABASE}?host={self.socket}"

    def program(self) -> Program:
        """Return how the server is started; SIGINT is its fast shutdown."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "jit": "off",
            **(DURABLE if self.durable else EPHEMERAL),
        }
        if self.connections:
            settings["max_connections"] = str(self.connections)
        words = [str(place.postgres_programs() / "postgres"), "-D", str(self.cluster)]
        for name, value in settings.items():
            words += ["-c", f"{name}={value}"]
        return Program("postgres", words, _environment(), log=self.log, drops_root=True, stop_signal=signal.SIGINT)

    def prepare(self) -> None:
        """Make the cluster on the first start; refuse one of another major version."""
        self.socket.mkdir(mode=0o700, exist_ok=True)
        place.give(self.socket)
        if self.cluster.exists() and self.cluster.stat().st_uid != place.server_user():
            sys.exit(f"{self.cluster} belongs to another user: start the portal as that user, or set DATA_DIR.")
        version = self.cluster / "PG_VERSION"
        if not version.exists():
            self._make_cluster()
        elif version.read_text().strip() != (major := self._major()):
            kept = version.read_text().strip()
            sys.exit(
                f"The data in {self.cluster} were written by PostgreSQL {kept}; this is PostgreSQL {major}.\n"
                f"Dump them with PostgreSQL {kept} (pg_dump), move the directory away, start again, and restore; "
                "or set DATABASE_URL to a server of your own."
            )

    def answers(self) -> bool:
        """Say whether the server accepts connections."""
        try:
            self._connect("postgres", connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                sys.exit(f"The database in {self.cluster} does not accept the passwords kept beside it.")
            return False
        return True

    def create_database(self, *, may_empty: bool = False) -> None:
        """Make the portal's role and database where they are missing, and give the role today's password.

        `may_empty`: suite and trials empty append-only tables between tests; the portal itself may not.
        """
        with self._connect("postgres") as connection:
            role, password = sql.Identifier(ROLE), sql.Literal(self.password)
            if not connection.execute("select 1 from pg_roles where rolname = %s", [ROLE]).fetchone():
                connection.execute(sql.SQL("create role {} login createdb").format(role))
            connection.execute(sql.SQL("alter role {} password {}").format(role, password))
            if may_empty:
                connection.execute(sql.SQL("grant set on parameter session_replication_role to {}").format(role))
            if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(DATABASE), role))

    def _connect(self, database: str, connect_timeout: int = 10) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.socket),
            user=SUPERUSER,
            password=self.superuser_password,
            dbname=database,
            autocommit=True,
            connect_timeout=connect_timeout,
        )

    def _major(self) -> str:
        command = [str(place.postgres_programs() / "postgres"), "--version"]
        answer = subprocess.run(command, cwd="/", capture_output=True, text=True, check=True, **place.as_nobody())
        return answer.stdout.split()[-1].split(".")[0]

    def _make_cluster(self) -> None:
        """Run initdb into a directory of its own name only when it is whole, so that a broken start can be repeated."""
        partial = self.cluster.with_name(self.cluster.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        place.give(partial)
        password_file = self.socket / "password"
        place.write_private(password_file, self.superuser_password)
        place.give(password_file)
        words = [str(place.postgres_programs() / "initdb"), "-D", str(partial), "-U", SUPERUSER]
        words += ["--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8", "--locale=C"]
        words += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        words += ["--data-checksums"] if self.durable else ["--no-sync", "--no-data-checksums"]
        try:
            made = subprocess.run(
                words, cwd="/", env=_environment(), capture_output=True, text=True, **place.as_nobody()
            )
        finally:
            password_file.unlink()
        if made.returncode:
            sys.exit(f"initdb failed:\n{made.stdout}{made.stderr}")
        with contextlib.suppress(OSError):
            self.cluster.rmdir()
        partial.rename(self.cluster)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}
