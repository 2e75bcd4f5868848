"""A command that is run for what it makes: bounded in time and in words, and ended with netlang.

Whatever it started is ended with it, and all of it when this process is, even if that was killed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from netlang.system.interruption import at_signal
from netlang.system.record import Record

_MOST_BYTES = 1 << 20  # of output
_SECONDS_TO_CLOSE = 1.0  # what output may take to end after the command

# The command's input is a pipe that nobody writes to and that ends with this process; then the
# folder goes, and the whole group of processes. A shell does this, as it starts in a millisecond.
_WATCHED = """\
exec 3<&0 </dev/null
(read -r _ <&3; [ -z "$0" ] || rm -rf -- "$0"; kill -KILL 0) >/dev/null 2>&1 &
"$@" 3<&-
"""


class TooLong(Exception):
    """The command took more time than it was given."""


class TooMuch(Exception):
    """The command printed more than ``_MOST_BYTES``."""


class Done(Record):
    """How a command ended, and what it printed."""

    status: int
    output: str
    errors: str


class _Group:
    """The processes of a command, which are ended once.

    Until then the watcher holds the group's number; later it may be the number of a stranger's.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._running = [process]  # a pop is atomic, and takes no lock, which a signal could not

    def end(self) -> None:
        """End all of it, at once; nothing if it has been ended."""
        with contextlib.suppress(IndexError, ProcessLookupError, PermissionError):
            process = self._running.pop()
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()


def run(command: Sequence[str], seconds: float, folder: Path | None = None) -> Done:
    """The command, run to its end, with its temporary files in ``folder``.

    If this process is killed, the ``folder`` goes too.  Raises OSError or ValueError if the command
    cannot be run, TooLong and TooMuch.
    """
    kept = str(folder) if folder else ""
    shell = shutil.which("sh") if hasattr(os, "killpg") else None
    with subprocess.Popen(
        [shell, "-c", _WATCHED, kept, *command] if shell else command,
        stdin=subprocess.PIPE if shell else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        env={**os.environ, "TMPDIR": kept} if folder else None,
        start_new_session=True,  # so that all its processes can be ended together
    ) as process:
        group = _Group(process)
        withdraw = at_signal(group.end)
        try:
            return _run(process, group, seconds)
        finally:  # an interruption ends it, too
            group.end()
            withdraw()


def _run(process: subprocess.Popen[bytes], group: _Group, seconds: float) -> Done:
    said = bytearray(), bytearray()
    streams = process.stdout, process.stderr
    readers = [
        threading.Thread(target=_read, args=(group, os.dup(stream.fileno()), into), daemon=True)
        for stream, into in zip(streams, said, strict=True)
        if stream
    ]
    for reader in readers:
        reader.start()
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise TooLong from None
    group.end()  # what it left running may hold its output open
    for reader in readers:
        reader.join(_SECONDS_TO_CLOSE)
    if any(len(part) > _MOST_BYTES for part in said):
        raise TooMuch
    output, errors = (bytes(part).decode(errors="replace") for part in said)
    return Done(status, output, errors)


def _read(group: _Group, output: int, into: bytearray) -> None:
    """Read the descriptor ``output``, which is the reader's own, to its end, and close it."""
    try:
        with contextlib.suppress(OSError):
            while chunk := os.read(output, 1 << 16):
                into += chunk
                if len(into) > _MOST_BYTES:
                    group.end()
                    return
    finally:
        os.close(output)
