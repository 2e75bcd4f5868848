"""Keeps compiled files in the user's own cache folder.

A file's name is made of two SHA-256 digests: of what it was made from (source, compiler, flags and
processor), and of its own bytes. A file whose bytes do not fit its name is damaged, and is not
loaded. A folder in which somebody else could have put a file is not used at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from netlang.engine.native.cc import (
    Compiler,
    NotCompiled,
    find_compiler,
    machine_flags,
    processor,
)
from netlang.engine.native.compiled import load
from netlang.system.interruption import at_signal, uninterrupted

_ELSEWHERE = "; $XDG_CACHE_HOME can name another"
_KEPT = 200  # files, of some 50 kB each
_ABANDONED = 3600.0  # seconds after which a folder of a compiler is taken to be left behind


def cache_folder() -> Path:
    """``$XDG_CACHE_HOME/netlang``, or else ``~/.cache/netlang``.

    Raises NotCompiled if there is no home.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(base):
        return Path(base) / "netlang"
    home = os.path.expanduser("~")
    if not os.path.isabs(home) or home == os.path.dirname(home):
        raise NotCompiled(f"there is no home folder for the cache{_ELSEWHERE}")
    return Path(home) / ".cache" / "netlang"


def compiled(source: str) -> Path:
    """The compiled file of ``source``, which is kept if it was compiled before.

    Raises NotCompiled.
    """
    compiler = find_compiler()
    key = key_of(source, compiler)
    if found := find(key):
        return found
    with _in_turn(key):  # as processes of one command compile the same
        return find(key) or build(key, source, compiler)


def key_of(source: str, compiler: Compiler) -> str:
    """The digest of all that a compiled file is made from."""
    parts = [source, compiler.shown, compiler.identity, *machine_flags(), processor()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def find(key: str) -> Path | None:
    """The compiled file of that ``key``, if it is kept. A damaged one is removed.

    Raises NotCompiled if the folder is not the user's own, or cannot be read.
    """
    folder = cache_folder()
    with _usable(folder):
        if not folder.exists():
            return None
        _check(folder)
        found = sorted(folder.glob(f"{key}-*.so"))
    for file in found:
        # What cannot be touched or removed, as the folder is read-only, does no harm.
        with contextlib.suppress(OSError):
            if _is_whole(file):
                with contextlib.suppress(OSError):
                    file.touch()
                return file
            file.unlink()
    return None


def build(key: str, source: str, compiler: Compiler) -> Path:
    """Compile ``source``, and keep the compiled file.  Raises NotCompiled."""
    folder = cache_folder()
    with _usable(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check(folder)
        with _making(folder) as making:
            code, compiled = Path(making, "step.c"), Path(making, "step.so")
            code.write_text(source, encoding="ascii", errors="backslashreplace")
            compiler.compile(code, compiled, machine_flags())
            compiled.chmod(0o700)
            load(compiled)  # what cannot be loaded is not kept
            kept = folder / f"{key}-{hashlib.sha256(compiled.read_bytes()).hexdigest()}.so"
            compiled.replace(kept)  # whole, or not there: others may be making the same
    with contextlib.suppress(OSError):
        _tidy(folder)
    return kept


@contextlib.contextmanager
def _in_turn(key: str) -> Iterator[None]:
    """Let no other process be in such a context of that ``key``, where the system can do that."""
    folder = cache_folder()
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError, ImportError):
            import fcntl  # not on Windows

            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _check(folder)
            turn = folder / f"{key}.turn"
            opened = stack.enter_context(turn.open("ab"))
            fcntl.flock(opened, fcntl.LOCK_EX)
            stack.callback(turn.unlink, missing_ok=True)
        yield


@contextlib.contextmanager
def _making(folder: Path) -> Iterator[Path]:
    """A new folder, which is removed afterwards, even if a signal ends the process."""

    def remove() -> None:
        shutil.rmtree(making, ignore_errors=True)

    with uninterrupted():
        making = Path(tempfile.mkdtemp(dir=folder, prefix="making-"))
        withdraw = at_signal(remove)
    try:
        yield making
    finally:
        remove()
        withdraw()


@contextlib.contextmanager
def _usable(folder: Path) -> Iterator[None]:
    """Raises NotCompiled for an OSError in its body, which is about the ``folder``."""
    try:
        yield
    except OSError as error:
        reason = f"{error.strerror or error}{_ELSEWHERE}"
        raise NotCompiled(f"the cache folder {folder} cannot be used: {reason}") from None


def _tidy(folder: Path) -> None:
    """Remove the files that were not used for longest, and what killed processes left behind."""
    for file in sorted(folder.glob("*.so"), key=_used, reverse=True)[_KEPT:]:
        file.unlink(missing_ok=True)
    for making in folder.glob("making-*"):
        if time.time() - _used(making) > _ABANDONED:
            shutil.rmtree(making, ignore_errors=True)


def _used(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:  # another process has removed it
        return 0.0


def _check(folder: Path) -> None:
    """Raises NotCompiled if somebody else can put a file there."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        kind = "a link to one" if stat.S_ISLNK(status.st_mode) else "a file"
        raise NotCompiled(f"the cache folder {folder} is {kind}{_ELSEWHERE}")
    if not _is_own(status):
        raise NotCompiled(f"the cache folder {folder} can be written by others; remove it")


def _is_own(status: os.stat_result) -> bool:
    if not hasattr(os, "getuid"):
        return True  # on Windows a user's folders are the user's own
    return status.st_uid == os.getuid() and not status.st_mode & 0o022


def _is_whole(file: Path) -> bool:
    """Whether it is a file of the user's own whose bytes fit its name.

    Raises OSError if it is a link, or cannot be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(file, flags | getattr(os, "O_NONBLOCK", 0)), "rb") as opened:
        status = os.fstat(opened.fileno())
        if not stat.S_ISREG(status.st_mode) or not _is_own(status):
            return False
        return hashlib.sha256(opened.read()).hexdigest() == file.stem.partition("-")[2]
