"""Finds the system's C compiler, and calls it."""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess

from netlang.system.record import Record

_SECONDS = 120.0  # that a compiler may take
_SECONDS_TO_ANSWER = 10.0  # that it may take to say its version

_FLAGS = (
    "-fno-fast-math",  # $CC may ask for these two, which change sums, and all of this process
    "-fno-unsafe-math-optimizations",
    "-std=gnu11",
    "-O2",  # what -O3 adds takes half as long again, and makes nothing faster: the source says
    "-fopenmp-simd",  # itself which loops are vectors, and which are unrolled
    "-ffp-contract=fast",  # a product and a sum are rounded once
    "-fno-math-errno",
    "-fno-trapping-math",
    "-falign-functions=64",  # how a loop lies in cache lines does not depend on what is before
    "-fPIC",
    "-pthread",
    "-shared",
)


class NotCompiled(Exception):
    """Raised if there is no compiler, if it fails, or if no safe folder can keep the result."""


class Compiler(Record):
    """A command that takes the flags of gcc."""

    command: tuple[str, ...]
    identity: str  # differs from that of any other version of it

    def compile(self, source: Path, compiled: Path, flags: tuple[str, ...]) -> None:
        """Compile ``source``, with temporary files beside it.

        A warning is logged if it takes several seconds, as who waits may think that it hangs.
        Raises NotCompiled if this fails, with the first error and the line that it is about.
        """

        def say() -> None:
            import logging

            text = "the C compiler `%s` is still at work; what it makes is kept for later runs"
            logging.getLogger("netlang").warning(text, self.shown)

        command = compiling(self.command, source, compiled, flags)
        done = _completed(command, _SECONDS, source.parent, say)
        if done.returncode or not compiled.exists():
            complaint = _complaint(done.stderr, source)
            raise NotCompiled(f"the C compiler `{self.shown}` failed{complaint}")

    @property
    def shown(self) -> str:
        return shlex.join(self.command)


def compiling(
    command: Sequence[str], source: Path, compiled: Path, flags: Sequence[str]
) -> list[str]:
    """The whole command by which ``source`` is compiled."""
    return [*command, *flags, "-o", str(compiled), str(source), "-lm"]


def compiler_command() -> tuple[Path, Sequence[str]]:
    """The compiler's file, and the command that calls it.

    It is $CC, or else cc, gcc or clang on the path, or else that of the ziglang package.  Raises
    NotCompiled if there is none.
    """
    if chosen := os.environ.get("CC", "").strip():
        return _chosen(chosen)
    for name in ("cc", "gcc", "clang"):
        if found := shutil.which(name):
            return Path(found), [found]
    if (spec := find_spec("ziglang")) and spec.origin:
        return Path(spec.origin), [sys.executable, "-m", "ziglang", "cc"]
    raise NotCompiled("there is no C compiler here; `pip install ziglang` brings one")


def find_compiler() -> Compiler:
    """The compiler of this machine.  Raises NotCompiled if there is none that answers."""
    file, command = compiler_command()
    try:
        real = file.resolve()
        status = real.stat()
    except OSError as error:
        raise NotCompiled(f"the C compiler {file} cannot be read: {error.strerror}") from None
    return _identified(tuple(command), f"{real} {status.st_size} {status.st_mtime_ns}")


def machine_flags() -> tuple[str, ...]:
    """All flags, with those for this machine's processor."""
    if platform.machine().lower() in ("x86_64", "amd64", "i686"):
        return (*_FLAGS, "-march=native", "-mprefer-vector-width=512")
    return (*_FLAGS, "-mcpu=native")


def processor() -> str:
    """All that the system says of this processor on which a compiler's choices depend."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        text = ""
    lines = {*re.findall(r"^(?:model name|flags|Features).*", text, re.MULTILINE)}
    return "\n".join([platform.machine(), platform.processor(), *sorted(lines)])


def _chosen(text: str) -> tuple[Path, Sequence[str]]:
    try:
        command = shlex.split(text)
    except ValueError:
        raise NotCompiled(f"$CC is {text!r}, which is no command") from None
    found = shutil.which(command[0])
    if found is None:
        raise NotCompiled(f"$CC is {text!r}, and there is no such command that may be run")
    return Path(found), [found, *command[1:]]


@cache
def _identified(command: tuple[str, ...], file: str) -> Compiler:
    """The compiler with its identity: what ``file`` is, and the version that the command says, as
    the file may be a script that calls another compiler.

    It is asked once, as its answer takes longer than to find a compiled file.
    """
    version = _completed([*command, "--version"], _SECONDS_TO_ANSWER).stdout
    return Compiler(command, f"{file} {version}")


def _completed(
    command: Sequence[str],
    seconds: float,
    folder: Path | None = None,
    if_long: Callable[[], None] = lambda: None,
) -> CompletedProcess[str]:
    """Run the command to its end.  Raises NotCompiled if it does not start, or has no end."""
    from netlang.system import child_process  # who only looks for a compiler runs none

    named = f"the C compiler `{shlex.join(command[:3])}`"
    try:
        return child_process.run(command, seconds, folder, if_long)
    except child_process.Endless as error:
        raise NotCompiled(f"{named} {error}") from None
    except (OSError, ValueError) as error:
        raise NotCompiled(f"{named} did not run: {error}") from None


def _complaint(text: str, source: Path) -> str:
    """The first error in what the compiler printed, and the line of ``source`` that it names."""
    lines = [line for line in text.splitlines() if "error" in line.lower()] or text.splitlines()
    if not lines:
        return ", and said nothing"
    first = lines[0].replace(f"{source.parent}{os.sep}", "").strip()[:200]
    found = re.match(rf"{re.escape(source.name)}:(\d+)", first)
    written = source.read_text(encoding="ascii").splitlines()[: int(found[1])] if found else []
    return f": {first}, in `{written[-1].strip()[:100]}`" if written else f": {first}"
