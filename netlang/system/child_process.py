"""Runs a command with limits to its time and to what it prints.

All processes that it started end with it, and with this process, even if this one is killed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import IO

from netlang.system.interruption import at_signal

_MOST_BYTES = 1 << 20  # that it may print
_SECONDS_BETWEEN_LOOKS = 0.05  # at how much it has printed
_LONG = 5.0  # seconds

# A watcher reads from a pipe that nobody writes to, and that closes when this process ends. It then
# removes the folder and ends the whole group of processes. It is a shell, which starts in 1 ms.
_WATCHED = """\
exec 3<&0 </dev/null
(read -r _ <&3; [ -z "$0" ] || rm -rf -- "$0"; kill -KILL 0) >/dev/null 2>&1 &
"$@" 3<&-
"""


class Endless(Exception):
    """Raised for a command that took too long or printed too much; the message says which."""


def _end(running: list[subprocess.Popen[bytes]]) -> None:
    """End the process in the list and all that it started.

    This is done once: afterwards, the number of its group may be that of another group.
    """
    # A pop is atomic, and takes no lock, which a signal could not.
    with contextlib.suppress(IndexError, ProcessLookupError, PermissionError):
        process = running.pop()
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def run(
    command: Sequence[str],
    seconds: float,
    folder: Path | None = None,
    if_long: Callable[[], None] = lambda: None,
) -> CompletedProcess[str]:
    """Run the command to its end, with its temporary files in ``folder``.

    ``if_long`` is called once if it takes several seconds.  If this process is killed, the
    ``folder`` is removed.  Raises Endless, and OSError or ValueError if the command cannot be run.
    """
    kept = str(folder) if folder else ""
    shell = shutil.which("sh") if hasattr(os, "killpg") else None
    with (
        tempfile.TemporaryFile(dir=folder) as output,
        tempfile.TemporaryFile(dir=folder) as errors,
        subprocess.Popen(
            [shell, "-c", _WATCHED, kept, *command] if shell else command,
            stdin=subprocess.PIPE if shell else subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            bufsize=0,
            env={**os.environ, "TMPDIR": kept} if folder else None,
            start_new_session=True,  # so that all its processes can be ended together
        ) as process,
    ):
        running = [process]
        withdraw = at_signal(lambda: _end(running))
        try:
            status = _waited(process, seconds, (output, errors), if_long)
        finally:  # also after an interruption
            _end(running)
            withdraw()
        return CompletedProcess(command, status, _text(output), _text(errors))


def _waited(
    process: subprocess.Popen[bytes],
    seconds: float,
    files: Sequence[IO[bytes]],
    if_long: Callable[[], None],
) -> int:
    """The exit status of ``process``.  Raises Endless if it is running after ``seconds``, or if one
    of its output ``files`` is too large.
    """
    began, is_told = time.monotonic(), False
    while True:
        passed = time.monotonic() - began
        left = seconds - passed
        if passed > _LONG and not is_told:
            is_told = True
            if_long()
        try:
            status: int | None = process.wait(max(0.0, min(left, _SECONDS_BETWEEN_LOOKS)))
        except subprocess.TimeoutExpired:
            status = None
        if any(os.fstat(file.fileno()).st_size > _MOST_BYTES for file in files):
            raise Endless("printed without end")
        if status is not None:
            return status
        if left <= 0:
            raise Endless(f"took longer than {seconds:g} s")


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(_MOST_BYTES).decode(errors="replace")
