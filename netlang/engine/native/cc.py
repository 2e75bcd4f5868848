"""The system's C compiler: which one it is, and how it is called."""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess

from netlang.system.record import Record

_SECONDS = 120.0  # what a compiler may take
_SECONDS_TO_ANSWER = 10.0  # and what it may take to say its version

_FLAGS = (
    "-fno-fast-math",  # $CC may ask for these two, which change sums, and all of this process
    "-fno-unsafe-math-optimizations",
    "-std=gnu11",
    "-O3",
    "-fopenmp-simd",  # loops may be vectors where the source says so
    "-ffp-contract=fast",  # a product and a sum are rounded once
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fPIC",
    "-pthread",
    "-shared",
)


class NotCompiled(Exception):
    """There is no compiler for the C, or no safe folder to keep the result in."""


class Compiler(Record):
    """A command that takes the flags of gcc, and what tells it from other versions of it."""

    command: tuple[str, ...]
    identity: str

    def compile(self, source: Path, compiled: Path, flags: tuple[str, ...]) -> None:
        """Raises NotCompiled if it fails; the message has the first error and the line it is about.

        Its temporary files are where the ``source`` is.
        """
        command = [*self.command, *flags, "-o", str(compiled), str(source), "-lm"]
        done = _completed(command, _SECONDS, source.parent)
        if done.returncode or not compiled.exists():
            complaint = _complaint(done.stderr, source)
            raise NotCompiled(f"the C compiler `{self.shown}` failed{complaint}")

    @property
    def shown(self) -> str:
        return shlex.join(self.command)


def compiler_command() -> tuple[Path, Sequence[str]]:
    """$CC, or else cc, gcc or clang on the path, or else the ziglang package: the compiler's file,
    and the command that calls it.

    Raises NotCompiled if there is none.
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
    return _asked(tuple(command), f"{real} {status.st_size} {status.st_mtime_ns}")


def machine_flags() -> tuple[str, ...]:
    """All flags, those that suit this processor included."""
    if platform.machine().lower() in ("x86_64", "amd64", "i686"):
        return (*_FLAGS, "-march=native", "-mprefer-vector-width=512")
    return (*_FLAGS, "-mcpu=native")


def processor() -> str:
    """What tells this processor from others, as far as the compiler's choices depend on it."""
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
        raise NotCompiled(f"$CC is {text!r}, and there is no such command")
    return Path(found), [found, *command[1:]]


@cache
def _asked(command: tuple[str, ...], file: str) -> Compiler:
    """Another version of a compiler is another ``file``, or says so if that only calls it. It is
    asked once, as an answer takes longer than finding what was compiled.
    """
    version = _completed([*command, "--version"], _SECONDS_TO_ANSWER).stdout
    return Compiler(command, f"{file} {version}")


def _completed(
    command: Sequence[str], seconds: float, folder: Path | None = None
) -> CompletedProcess[str]:
    """The command, run to its end.  Raises NotCompiled if it does not run, or not as it should."""
    from netlang.system import child_process  # to find a compiler, none is run

    named = f"the C compiler `{shlex.join(command[:3])}`"
    try:
        return child_process.run(command, seconds, folder)
    except child_process.Endless as error:
        raise NotCompiled(f"{named} {error}") from None
    except (OSError, ValueError) as error:
        raise NotCompiled(f"{named} did not run: {error}") from None


def _complaint(text: str, source: Path) -> str:
    lines = [line for line in text.splitlines() if "error" in line.lower()] or text.splitlines()
    if not lines:
        return ""
    first = lines[0].replace(f"{source.parent}{os.sep}", "").strip()[:200]
    found = re.match(rf"{re.escape(source.name)}:(\d+)", first)
    written = source.read_text(encoding="ascii").splitlines()[: int(found[1])] if found else []
    return f": {first}, in `{written[-1].strip()[:100]}`" if written else f": {first}"
