"""A signal ends the program at any moment in one way: a status, a line, nothing half-written.

The moments are those of the program itself, so that each is met however fast the machine is: an
import, a write to the disk, an epoch, the end. The program sends the signal to itself there.
"""

from __future__ import annotations

import json
import os
import pty
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.forked import Forks
from tests.program import SHORT, about, only

pytestmark = pytest.mark.slow  # as programs that train are started

STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
SIGNALS = sorted(STATUS)
COMMANDS = {
    "run": ["run", "a.net", "--backend", "tensor"],
    "test": ["test", "a.net"],
    "compare": ["compare", "a.net", "--runs", "1", "--backend", "tensor"],
    "lockstep": ["compare", "a.net", "--lockstep", "--backend", "tensor"],
    "check": ["check", "a.net"],
}
# Signals that arrive at one moment, which the environment names: the n-th call of a function of os,
# or the import of a module. A "twice" is followed by another at the next such moment.
PROGRAM = """
import os, signal, sys
kind, name, count, numbers = (os.environ["MOMENT"] + " ").split(" ")[:4]
left = [int(number) for number in numbers.split(",")]
seen = 0

def met():
    global seen
    seen += 1
    if seen >= int(count) and left:
        os.kill(os.getpid(), left.pop(0))

class Imports:
    def find_spec(self, module, path=None, target=None):
        if module == name:
            met()
            met()

if kind == "import":
    sys.meta_path.insert(0, Imports())
else:
    original = getattr(os, name)
    def wrapped(*arguments, **named):
        met()
        result = original(*arguments, **named)
        met()
        return result
    setattr(os, name, wrapped)
from netlang.tools.cli import main
main()
"""


@pytest.fixture(autouse=True)
def _model() -> None:
    Path("a.net").write_text(SHORT)


def heeded() -> None:
    for number in STATUS:  # also where the tests' own process ignores it
        signal.signal(number, signal.default_int_handler if number == 2 else signal.SIG_DFL)


def heeding(code: str) -> str:
    """The ``code`` of a fork that takes signals as a program does that was started."""
    numbers = [int(number) for number in STATUS]
    return f"for number in {numbers}: signal.signal(number, signal.SIG_DFL)\n" + (
        f"signal.signal({int(signal.SIGINT)}, signal.default_int_handler)\n{code}"
    )


def stopped_at(
    forks: Forks, command: str, moment: str, *numbers: int
) -> subprocess.CompletedProcess[str]:
    """As ``stopped``, at a moment behind all imports."""
    listed = ",".join(str(int(number)) for number in numbers)
    environment = {**os.environ, "MOMENT": f"{moment} {listed}"}
    return forks.run(heeding(PROGRAM), COMMANDS[command], environment)


def stopped(
    command: str, moment: str, *numbers: int, option: str = ""
) -> subprocess.CompletedProcess[str]:
    listed = ",".join(str(int(number)) for number in numbers)
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *COMMANDS[command], *filter(None, [option])],
        env={**os.environ, "MOMENT": f"{moment} {listed}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=heeded,
    )


def record() -> tuple[Path, dict[str, object]] | None:
    """The one folder that is there, and what it says of itself."""
    if not Path("runs").exists() or not any(Path("runs").iterdir()):
        return None
    folder = only()
    return folder, about(folder)


def check_ended(code: int, output: str, errors: str, status: int) -> None:
    """That it ended as the signal says, or before it came."""
    assert "Traceback" not in errors
    assert "rror" not in errors
    assert code in (0, status), errors
    kept = record()
    if kept:
        folder, found = kept
        assert found["status"] == ("interrupted" if code else "finished")
        assert str(folder) in output + errors
        assert not [file for file in folder.iterdir() if file.name.startswith(".")]
        for file in folder.glob("*.jsonl"):
            assert all(json.loads(line) for line in file.read_text().splitlines())
    if code:
        said = [line for line in errors.splitlines() if "interrupted" in line]
        assert len(said) == 1


def test_nothing_that_takes_time_is_imported_before_signals_are_heeded() -> None:
    """Until then one ends the program as Python has it: with a traceback, or without a word."""
    code = (
        "import sys; before = set(sys.modules); from netlang.tools.cli import main\n"
        "import netlang\n"
        "from netlang.system import interruption; print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = {name for name in done.stdout.split() if name.startswith("netlang")}
    rooms = {"netlang", "netlang.tools", "netlang.system"}
    assert ours == rooms | {"netlang.tools.cli", "netlang.system.interruption"}
    assert not {"typing", "click", "re", "pathlib", "inspect"} & set(done.stdout.split())


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_signal_while_the_program_starts_ends_it_in_a_line(command: str, number: int) -> None:
    done = stopped(command, "import click 1", number)
    assert (done.returncode, done.stdout) == (STATUS[signal.Signals(number)], "")
    assert done.stderr == "interrupted\n"
    assert record() is None


@pytest.mark.parametrize(
    ("command", "module"),
    [
        ("run", "torch._C"),
        ("run", "matplotlib"),
        ("check", "netlang.compiler.passes.infer"),
        ("run", "torch.functional"),
        ("run", "netlang.engine.tensor"),
        ("test", "torch.version"),
        ("compare", "matplotlib"),
        ("compare", "torch.optim"),
        ("lockstep", "torch.nn"),
    ],
)
def test_a_signal_in_an_import_ends_it_in_a_line(command: str, module: str) -> None:
    done = stopped(command, f"import {module} 1", signal.SIGTERM, signal.SIGINT)
    assert done.returncode in (0, 143)  # 0 where that is not imported
    check_ended(done.returncode, done.stdout, done.stderr, 143)


@pytest.mark.parametrize(
    ("command", "module"),
    [
        ("run", "torch._C"),
        ("test", "torch.version"),
        ("compare", "torch.optim"),
        ("lockstep", "torch.nn"),
    ],
)
def test_a_signal_is_the_last_object_of_a_command_with_json(command: str, module: str) -> None:
    done = stopped(command, f"import {module} 1", signal.SIGTERM, option="--json")
    assert done.returncode == 143
    assert [json.loads(line) for line in done.stdout.splitlines()] == [{"event": "interrupted"}]


def test_a_signal_while_pictures_are_drawn_comes_after_the_last_object() -> None:
    done = stopped("run", "import matplotlib 1", signal.SIGTERM, option="--json")
    assert done.returncode == 143
    events = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert events == ["start", "epoch", "epoch", "epoch", "result"]


@pytest.mark.parametrize("count", range(1, 16))
def test_a_signal_while_a_run_writes_leaves_what_was_measured_and_says_so(
    count: int, forks: Forks
) -> None:
    number = SIGNALS[count % 3]
    done = stopped_at(forks, "run", f"call fsync {count}", number, signal.SIGTERM)
    check_ended(done.returncode, done.stdout, done.stderr, STATUS[signal.Signals(number)])
    assert record()


@pytest.mark.parametrize(
    ("command", "count"),
    [(command, count) for command in ("compare", "lockstep") for count in (1, 5, 7)],
)
def test_a_signal_while_a_comparison_writes_leaves_it_whole(
    command: str, count: int, forks: Forks
) -> None:
    done = stopped_at(forks, command, f"call fsync {count}", signal.SIGINT)
    check_ended(done.returncode, done.stdout, done.stderr, 130)
    assert record()


@pytest.mark.parametrize("count", range(1, 12))
def test_a_killed_run_has_a_record_of_its_process_wherever_it_has_a_folder(
    count: int, forks: Forks
) -> None:
    done = stopped_at(forks, "run", f"call fsync {count}", signal.SIGKILL)
    assert done.returncode == -signal.SIGKILL
    folders = [one for one in Path("runs").iterdir() if not one.name.startswith(".")]
    assert bool(folders) == (count > 8)  # the text and the record come before, each synced twice
    for folder in folders:
        about = json.loads((folder / "run.json").read_text())
        assert (about["status"], about["host"]) == ("running", os.uname().nodename)
        assert isinstance(about["pid"], int)
        assert about["time"]


THREADED = """
import os, signal, threading
from netlang.system import interruption

def hold():
    with interruption.uninterrupted():
        entered.set()
        threading.Event().wait(10)

interruption.heed()
entered = threading.Event()
threading.Thread(target=hold, daemon=True).start()
entered.wait()
os.kill(os.getpid(), signal.SIGTERM)
os._exit(0)
"""


def test_another_thread_that_writes_keeps_no_signal_from_ending_the_process() -> None:
    done = subprocess.run([sys.executable, "-c", THREADED], check=False, preexec_fn=heeded)
    assert done.returncode == 143


HELD = """
import time
from netlang.system import interruption
interruption.heed()
with interruption.uninterrupted():
    print("held", flush=True)
    time.sleep(30)
"""


def test_a_second_signal_a_second_after_the_first_waits_for_nothing() -> None:
    command = [sys.executable, "-c", HELD]
    with subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=heeded) as running:
        assert running.stdout
        assert running.stdout.readline() == b"held\n"
        running.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(timeout=1.2)
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=10) == 143


LOCKED = """
import os, signal
from netlang.tools.cli import main
from netlang.runs.lines import progress
from netlang.tools.cli.output import streams

written = streams._Raw._written

def interrupted(raw, data):  # while standard output writes, and holds its lock
    count = written(raw, data)
    if b"  loss " in bytes(data):
        os.kill(os.getpid(), signal.SIGTERM)
    return count

streams._Raw._written = interrupted
progress._SECONDS = 0  # the line is written anew at each event
main()
"""


def test_a_signal_while_the_live_line_is_written_closes_the_record_and_shows_the_cursor() -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", LOCKED, *COMMANDS["run"]]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, preexec_fn=heeded) as running:
        os.close(theirs)
        try:
            assert running.wait(timeout=60) == 143
        finally:
            running.kill()
    text = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    assert re.search(r"\ninterrupted: `netlang resume runs/a-\S+` goes on; .* epoch \d\r\n$", text)
    kept = record()
    assert kept
    assert kept[1]["status"] == "interrupted"


def test_a_signal_that_was_to_be_ignored_is_ignored() -> None:
    """As ``nohup`` wants it."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *COMMANDS["check"]],
        env={**os.environ, "MOMENT": "import click 1 1"},
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("command", "attempts"),
    [("run", 12), ("check", 10), ("test", 3), ("compare", 4), ("lockstep", 4)],
)
def test_programs_that_are_stopped_at_random_moments_end_well(
    command: str, attempts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = random.Random(command)
    longest = {"check": 0.4, "run": 3.0}.get(command, 4.0)
    code = "import os; os.write(2, b'.'); from netlang.tools.cli import main; main()"
    for attempt in range(attempts):
        place = tmp_path / str(attempt)
        place.mkdir()
        monkeypatch.chdir(place)
        Path("a.net").write_text(SHORT.replace("epochs = 3", "epochs = 60"))
        number = signal.Signals(source.choice(SIGNALS))
        with subprocess.Popen(
            [sys.executable, "-c", code, *COMMANDS[command]],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=heeded,
        ) as running:
            assert running.stderr
            running.stderr.read(1)  # Python itself has started
            time.sleep(source.uniform(0.1, longest))
            for one in (number, *source.choices(SIGNALS, k=source.randrange(3))):
                running.send_signal(one)
                time.sleep(source.uniform(0, 0.02))
            output, errors = running.communicate()
        # Of several that are waiting, the kernel delivers the lowest first.
        assert running.returncode in (0, *STATUS.values())
        check_ended(running.returncode, output, errors, running.returncode)
