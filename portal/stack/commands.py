"""The words that start the portal's own processes: the same in `make run` and in docker-compose.yml.

`python` stands for the interpreter that has the portal's dependencies.
"""

from collections.abc import Sequence

# Makes or updates the tables, and loads the demonstration where one is wanted.
PREPARE = ["python", "-m", "portal.stack.prepare"]
# Its exit code when the database is ready and the demonstration was refused.
WITHOUT_DEMONSTRATION = 3

WEB_PROCESSES = 2
WEB_THREADS = 4
WORKER_PROCESSES = 2


def web(addresses: Sequence[str]) -> list[str]:
    """Return the words of the web server, listening on these addresses."""
    words = ["python", "-m", "gunicorn", "portal.wsgi:application", "--preload", "--worker-class"]
    words += ["portal.stack.arrivals.Worker"]
    words += ["--workers", str(WEB_PROCESSES), "--threads", str(WEB_THREADS), "--timeout", "60"]
    words += ["--graceful-timeout", "10", "--no-control-socket", "--log-level", "warning"]
    for address in addresses:
        words += ["--bind", address]
    return words


def worker() -> list[str]:
    """Return the words of the worker that runs tasks."""
    words = ["python", "-m", "celery", "--app", "portal", "worker", "--concurrency", str(WORKER_PROCESSES)]
    return [*words, "--without-gossip", "--without-mingle", "--loglevel", "warning"]


def beat(data_dir: str) -> list[str]:
    """Return the words of the clock that starts periodic tasks. A pid file would outlive a kill."""
    words = ["python", "-m", "celery", "--app", "portal", "beat", "--pidfile=", "--loglevel", "warning"]
    return [*words, "--schedule", f"{data_dir}/beat-schedule"]
