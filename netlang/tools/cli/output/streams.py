"""Standard input, output and error may be closed, on a full disk, or read by nobody.

Text that cannot be written is no reason to lose a training. The first failure is kept, what comes
after it is thrown away, and ``main`` says so at the end. A reader that went away ends the program.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_NAMES = ("standard input", "standard output", "standard error")


class _Raw(io.FileIO):
    """A file descriptor that takes whatever is written to it, and keeps the first ``error``."""

    error: OSError | None = None

    @property
    def is_lost(self) -> bool:
        """Whether something was lost, although somebody reads."""
        return self.error is not None and not isinstance(self.error, BrokenPipeError)

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return self._written(data)
        except OSError as error:
            self._discard()
            self.error = error
            if isinstance(error, BrokenPipeError) and self.fileno() == 1:
                raise
            return self._written(data)

    def _written(self, data: ReadableBuffer) -> int:
        while (count := super().write(data)) is None:
            select.select([], [self], [])  # another program has made it not wait
        return count

    def _discard(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, self.fileno())
        finally:
            os.close(nowhere)


class Streams:
    """Replaces ``sys.stdout`` and ``sys.stderr``."""

    def __init__(self) -> None:
        self._raw: list[_Raw] = []
        if os.name == "nt":  # terminals take no bytes there
            return
        self._open_what_is_closed()
        self._raw = [_Raw(number, "w", closefd=False) for number in (1, 2)]
        sys.stdout, sys.stderr = map(_text, self._raw, (sys.stdout, sys.stderr))

    @staticmethod
    def _open_what_is_closed() -> None:
        """Open the null device there; else the next file to be opened would take its number."""
        for number in (0, 1, 2):
            try:
                os.fstat(number)
            except OSError:
                # Standard output is opened for reading: to write to it fails, and is noticed.
                os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)

    def failure(self) -> str | None:
        """Write what is left, and say what could not be written and why; None if all was."""
        found = []
        for stream in (sys.stdout, sys.stderr):
            _flush(stream)
        for raw in self._raw:
            if raw.error and raw.is_lost:
                name = _NAMES[raw.fileno()]
                closed = raw.error.errno == errno.EBADF
                reason = "it is closed" if closed else raw.error.strerror or str(raw.error)
                found.append(f"cannot write to {name}: {reason}")
        return "\n".join(found) or None


def is_output_lost() -> bool:
    """Write what is left, and return whether some of standard output could not be written."""
    _flush(sys.stdout)
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return isinstance(raw, _Raw) and raw.is_lost


def _flush(stream: TextIO) -> None:
    with suppress(OSError, ValueError):  # the reader went away, or the stream is closed
        stream.flush()


def _text(raw: _Raw, before: TextIO | None) -> io.TextIOWrapper:
    """A text stream with the encoding of ``before``, which is None where it was closed."""
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=getattr(before, "encoding", None) or "utf-8",
        errors="backslashreplace",  # no name is too foreign for a terminal
        line_buffering=raw.fileno() == 2 or raw.isatty(),
    )
