"""Standard input, output and error, which may be closed, full or read by nobody.

What cannot be written is not worth losing a training for. The first failure is remembered, the rest
goes nowhere, and ``main`` says so in the end. A reader that went away ends the program.
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
    """A descriptor that takes all that is written to it, and keeps the first ``error``."""

    error: OSError | None = None

    @property
    def is_lost(self) -> bool:
        """Whether something could not be written, although there is someone to read it."""
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
            select.select([], [self], [])  # one that does not wait, because another program says so
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
        if os.name == "nt":  # whose terminals take no bytes
            return
        self._open_what_is_closed()
        self._raw = [_Raw(number, "w", closefd=False) for number in (1, 2)]
        sys.stdout, sys.stderr = map(_text, self._raw, (sys.stdout, sys.stderr))

    @staticmethod
    def _open_what_is_closed() -> None:
        """Open the null device there, or else the next opened file becomes standard output."""
        for number in (0, 1, 2):
            try:
                os.fstat(number)
            except OSError:
                # Where output is closed, one that is only read from says so when it is written to.
                os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)

    def failure(self) -> str | None:
        """What could not be written, and why, if there was something; writes what is left."""
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
    """Whether something of standard output could not be written so far; writes what is left."""
    _flush(sys.stdout)
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return isinstance(raw, _Raw) and raw.is_lost


def _flush(stream: TextIO) -> None:
    with suppress(OSError, ValueError):  # a reader that went away, or a stream closed by someone
        stream.flush()


def _text(raw: _Raw, before: TextIO | None) -> io.TextIOWrapper:
    """A text stream with the encoding of the one ``before``, which is None if it was closed."""
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=getattr(before, "encoding", None) or "utf-8",
        errors="backslashreplace",  # no name is too foreign for a terminal
        line_buffering=raw.fileno() == 2 or raw.isatty(),
    )
