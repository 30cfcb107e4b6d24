"""Keeps processes alive: starts them, restarts what dies, stops all of them in the end.

What is kept alive stands elsewhere: `running.py` for `make run`, `testing.py` for `make test`. One thread only, and
every wait is a chain of short ticks, so that a signal or a death is noticed within a tenth of a second.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from portal.stack import processes
from portal.stack.processes import Program, Watchdog

TICK_SECONDS = 0.1
MOST_DEATHS_BEFORE_AN_ANSWER = 5
FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 10.0
# A process that lived this long starts again with the shortest delay.
SOUND_LIFE_SECONDS = 60.0
STOP_SECONDS = 15.0
LONGEST_WAIT_SECONDS = 120.0
# What cannot be asked counts as answering once it has lived this long.
SETTLED_SECONDS = 10.0


class Stopped(Exception):
    """Someone asked us to stop, or our parent is gone."""


class GaveUp(Exception):
    """A process would not start; the message says which and shows the end of its log."""


@dataclass
class Service:
    """A program that must stay alive, and how to tell that it answers."""

    program: Program
    answers: Callable[[], bool] | None = None
    process: subprocess.Popen | None = None
    answered: bool = False
    deaths: int = 0
    delay: float = FIRST_DELAY_SECONDS
    started_at: float = 0.0
    restart_at: float | None = None


@dataclass
class Supervisor:
    """Holds the services in the order they were started."""

    watchdog: Watchdog
    # Called after every start, with the process ids by name.
    on_change: Callable[[dict[str, int]], None] = lambda pids: None
    services: list[Service] = field(default_factory=list)
    _asked_to_stop: bool = False
    _parent: int = field(default_factory=os.getppid)

    def listen(self) -> None:
        """Install the handlers explicitly: a process started in the background inherits SIGINT ignored."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._asked_to_stop = True

    def start(self, program: Program, answers: Callable[[], bool] | None = None) -> Service:
        """Start a program that will be kept alive; return at once. Without `answers` nobody waits for it."""
        service = Service(program, answers)
        self.services.append(service)
        self._start(service)
        return service

    def wait_for(self, service: Service) -> None:
        """Return when it answers.

        Raises: GaveUp after five deaths or two minutes; Stopped.
        """
        assert service.answers is not None
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        while not service.answered:
            self.tick()
            if service.process and service.process.poll() is None and service.answers():
                service.answered = True
            elif time.monotonic() > deadline:
                raise GaveUp(_obituary(service, f"did not answer within {LONGEST_WAIT_SECONDS:.0f} s"))

    def run(self, program: Program) -> int:
        """Run a program to its end while everything else is kept alive; return its exit code."""
        process = processes.start(program, self.watchdog)
        try:
            while process.poll() is None:
                self.tick()
        except BaseException:
            processes.signal_quietly(process, program.stop_signal)
            self._await([process], STOP_SECONDS)
            raise
        finally:
            processes.end_group(process, self.watchdog)
        return process.returncode

    def keep_alive(self) -> None:
        """Stay until asked to stop.

        Raises: Stopped; GaveUp.
        """
        while True:
            self.tick()

    def tick(self) -> None:
        """Notice signals and deaths, restart what is due, and sleep for a tenth of a second."""
        if self._asked_to_stop or self._orphaned():
            raise Stopped
        for service in self.services:
            if service.process is not None and service.process.poll() is not None:
                self._note_death(service)
            elif service.answers is None and service.process and _age(service) > SETTLED_SECONDS:
                service.answered = True
            if service.restart_at is not None and time.monotonic() >= service.restart_at:
                self._start(service)
        time.sleep(TICK_SECONDS)

    def stop(self) -> None:
        """Stop everything: those that were started last first, the servers they need after them."""
        self._stop([s for s in self.services if not s.program.name.startswith(("postgres", "valkey"))])
        self._stop([s for s in self.services if s.program.name.startswith(("postgres", "valkey"))])
        self.watchdog.close()

    def _orphaned(self) -> bool:
        # Under make, make's end is ours; a shell that started us in the background may go.
        return "MAKELEVEL" in os.environ and os.getppid() != self._parent

    def _start(self, service: Service) -> None:
        service.restart_at = None
        service.process = processes.start(service.program, self.watchdog)
        service.started_at = time.monotonic()
        self.on_change({s.program.name: s.process.pid for s in self.services if s.process})

    def _note_death(self, service: Service) -> None:
        assert service.process is not None
        name, code = service.program.name, service.process.returncode
        processes.end_group(service.process, self.watchdog)
        service.process = None
        service.deaths += 1
        if not service.answered and service.deaths >= MOST_DEATHS_BEFORE_AN_ANSWER:
            what = f"ended {service.deaths} times before it first answered (exit code {code})"
            raise GaveUp(_obituary(service, what))
        if _age(service) > SOUND_LIFE_SECONDS:
            service.delay = FIRST_DELAY_SECONDS
        say(f"{name} ended (exit code {code}); it starts again in {service.delay:.1f} s. Log: {service.program.log}")
        service.restart_at = time.monotonic() + service.delay
        service.delay = min(service.delay * 2, LONGEST_DELAY_SECONDS)

    def _stop(self, services: list[Service]) -> None:
        running = [(s.program, s.process) for s in reversed(services) if s.process is not None]
        for program, process in running:
            processes.signal_quietly(process, program.stop_signal)
        self._await([process for _, process in running], STOP_SECONDS)
        for _, process in running:
            processes.end_group(process, self.watchdog)
            process.wait()

    @staticmethod
    def _await(waited_for: list[subprocess.Popen], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and any(process.poll() is None for process in waited_for):
            time.sleep(0.02)


def _age(service: Service) -> float:
    return time.monotonic() - service.started_at


def _obituary(service: Service, what: str) -> str:
    log = service.program.log
    return f"{service.program.name} {what}. The end of its log, {log}:\n{processes.tail(log)}"


def say(line: str) -> None:
    """Tell the person at the terminal; a closed terminal is no reason to fall over."""
    try:
        print(line, file=sys.stdout, flush=True)
    except (BrokenPipeError, OSError):
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 -- stays open until we end
