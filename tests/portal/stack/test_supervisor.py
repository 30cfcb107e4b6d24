"""What the supervisor does with programs that will not live, and what outlives it: nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.stack import place, processes
from portal.stack.processes import Program, Watchdog
from portal.stack.supervisor import GaveUp, Supervisor
from portal.stack.watchdog import lives

# A supervisor of one program whose own child ignores the polite signals.
ORPHANAGE = '''
import sys, time
from portal.stack.processes import Program, Watchdog, start
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
parent = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, '-c', {stubborn!r}])
print(child.pid, flush=True)
child.wait()
"""
process = start(Program("parent", [sys.executable, "-c", parent], {}), Watchdog())
time.sleep(60)
'''


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie waits for its parent only; it runs no more.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_five_deaths_before_an_answer_end_it_with_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.stack.supervisor.FIRST_DELAY_SECONDS", 0.01)
    supervisor = Supervisor(Watchdog())
    log = tmp_path / "broken.log"
    program = Program("broken", [sys.executable, "-c", "print('why it broke'); raise SystemExit(7)"], {}, log=log)
    service = supervisor.start(program, lambda: False)
    service.delay = 0.01
    with pytest.raises(GaveUp) as caught:
        supervisor.wait_for(service)
    supervisor.stop()
    assert str(caught.value) == (
        f"broken ended 5 times before it first answered (exit code 7). The end of its log, {log}:\n"
        + "\n".join(["why it broke"] * 5)
    )


def test_run_returns_the_exit_code_of_the_program() -> None:
    supervisor = Supervisor(Watchdog())
    code = supervisor.run(Program("short", [sys.executable, "-c", "raise SystemExit(3)"], {}))
    supervisor.stop()
    assert code == 3


def test_a_child_does_not_outlive_its_end() -> None:
    watchdog = Watchdog()
    words = [sys.executable, "-c", "import subprocess, sys; subprocess.Popen(['sleep', '60'])"]
    process = processes.start(Program("parent", words, {"PATH": os.environ["PATH"]}), watchdog)
    process.wait()
    processes.end_group(process, watchdog)
    watchdog.close()
    deadline = time.monotonic() + 5
    while lives(process.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not lives(process.pid)


def test_grandchildren_do_not_outlive_a_killed_supervisor() -> None:
    supervisor = subprocess.Popen([sys.executable, "-c", ORPHANAGE], cwd=place.ROOT, stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    grandchild = int(supervisor.stdout.readline())
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.wait()
    deadline = time.monotonic() + 15
    while exists(grandchild) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not exists(grandchild)
