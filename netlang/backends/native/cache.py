"""Compiled libraries, kept in the user's own cache folder.

A library's name is made of two SHA-256 digests: of all that went into it (source, compiler,
flags, processor), and of its own bytes. One whose bytes are others is not loaded.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

from netlang.backends.native.compiler import Compiler, machine_flags, processor
from netlang.backends.native.errors import NoLibrary

_KEPT = 200  # libraries, of some 50 kB each
_ABANDONED = 3600.0  # seconds after which nobody is compiling any more


def cache_folder() -> Path:
    """``$XDG_CACHE_HOME/netlang``, or else ``~/.cache/netlang``.

    Raises NoLibrary if there is no home.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "netlang"
    except RuntimeError:
        raise NoLibrary("there is no home folder for the cache") from None


def key_of(source: str, compiler: Compiler) -> str:
    parts = [source, compiler.shown, compiler.identity, *machine_flags(), processor()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def find(key: str) -> Path | None:
    """The kept library of that key. One that was changed since is removed.

    Raises NoLibrary if the folder is not the user's own.
    """
    folder = cache_folder()
    if not folder.exists():
        return None
    _check(folder)
    for file in folder.glob(f"{key}-*.so"):
        try:
            if _digest(file) == file.stem.partition("-")[2]:
                file.touch()
                return file
            file.unlink()
        except OSError:
            continue
    return None


def build(key: str, source: str, compiler: Compiler) -> Path:
    """Compile ``source``, and keep the library.  Raises NoLibrary."""
    folder = cache_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check(folder)
        with tempfile.TemporaryDirectory(dir=folder, prefix="making-") as making:
            code, library = Path(making, "step.c"), Path(making, "step.so")
            code.write_text(source, encoding="ascii")
            compiler.compile(code, library, machine_flags())
            kept = folder / f"{key}-{_digest(library)}.so"
            library.replace(kept)  # whole, or not there: others may be making the same
        _tidy(folder)
    except OSError as error:
        raise NoLibrary(
            f"the cache folder {folder} cannot be used: {error.strerror or error}"
        ) from None
    return kept


def _tidy(folder: Path) -> None:
    """Remove what was not used for longest, and what a compiler that was killed left behind."""
    libraries = sorted(folder.glob("*.so"), key=_used, reverse=True)
    for file in libraries[_KEPT:]:
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
    """Raise NoLibrary unless nobody else can put a file there."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise NoLibrary(f"the cache folder {folder} is no folder")
    if not hasattr(os, "getuid"):
        return  # on Windows a user's folders are the user's own
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise NoLibrary(f"the cache folder {folder} can be written by others; remove it")


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
