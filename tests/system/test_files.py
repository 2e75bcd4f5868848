"""Files are whole or as they were, also where the disk is full."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from netlang.system.files import GrowingFile, append_line, write_whole, write_whole_or_in_place


def test_no_file_is_ever_half_there(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("whole.txt")
    write_whole(path, "before")

    def fails(_: int) -> None:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="input/output"):
        write_whole(path, "after")
    assert path.read_text() == "before"
    assert [file.name for file in Path().iterdir() if "part" in file.name] == []


def test_a_line_that_does_not_fit_is_not_begun() -> None:
    code = (
        "import resource; from pathlib import Path; from netlang.system.files import append_line\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "for n in range(30): append_line(Path('lines'), f'line {n}')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "File too large: 'lines'" in done.stderr
    assert Path("lines").read_text() == "".join(f"line {n}\n" for n in range(13))
    append_line(Path("lines"), "more")
    assert Path("lines").read_text().endswith("line 12\nmore\n")


def test_a_growing_file_takes_lines_beside_those_of_others_until_it_is_removed() -> None:
    file = GrowingFile(Path("lines"))
    file.append("one")
    append_line(Path("lines"), "two")
    file.append("three")
    assert Path("lines").read_text() == "one\ntwo\nthree\n"
    Path("lines").unlink()
    with pytest.raises(FileNotFoundError, match="it has been removed: 'lines'"):
        file.append("four")
    file.close()
    assert not Path("lines").exists()


def test_a_shorter_text_takes_no_new_room(monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(Path("record"), "running")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    write_whole_or_in_place(Path("record"), "failed")
    assert Path("record").read_text() == "failed"
    with pytest.raises(OSError, match="No space left on device: 'record'"):
        write_whole_or_in_place(Path("record"), "longer than before")
    assert Path("record").read_text() == "failed"
    with pytest.raises(OSError, match="No space left on device: 'other'"):
        write_whole_or_in_place(Path("other"), "new")
    assert not Path("other").exists()
    with pytest.raises(OSError, match="No space left on device: 'record'"):
        write_whole(Path("record"), "more")


def test_a_file_is_written_in_place_only_where_the_disk_is_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_whole(Path("record"), "running")

    def fails(_: int) -> None:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr("os.fsync", fails)
    with pytest.raises(OSError, match="input/output error: 'record'"):
        write_whole_or_in_place(Path("record"), "failed")
    assert Path("record").read_text() == "running"
