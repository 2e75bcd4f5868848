"""A compiler has an end: in time, in words, and with netlang, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from netlang.engine.native import NotCompiled, cache, process
from netlang.engine.native.cc import Compiler, find_compiler

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="groups of processes are POSIX's")

SECONDS = 20.0  # within which a busy machine does what takes it a moment
COMPILES = """
from netlang.system import interruption
interruption.heed()
from netlang.engine.native import cache
from netlang.engine.native.cc import find_compiler
cache.build("key", "int answer(void) { return 42; }", find_compiler())
"""
# Answers at once which version it is; else starts another process, and waits for it for long.
SLOW = """\
[ "$*" = --version ] && exit
echo > "$TMPDIR/cc.s"
sleep 100 &
echo $$ $! > {0}/new && mv {0}/new {0}/ids
wait
"""


def script(folder: Path, text: str) -> Path:
    file = folder / "command"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


def happens(what: Callable[[], bool], seconds: float = SECONDS) -> bool:
    ends = time.monotonic() + seconds
    while not what() and time.monotonic() < ends:
        time.sleep(0.01)
    return what()


def is_there(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    try:  # one that nobody has waited for is there, but does nothing any more
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def compiling(tmp_path: Path) -> subprocess.Popen[bytes]:
    """A program that waits for its compiler, whose processes are told in ``ids``."""
    environment = {
        "CC": str(script(tmp_path, SLOW.format(tmp_path))),
        "XDG_CACHE_HOME": str(tmp_path),
    }
    run = subprocess.Popen(
        [sys.executable, "-c", COMPILES],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert happens((tmp_path / "ids").exists)
    assert list(tmp_path.glob("netlang/making-*/cc.s"))
    return run


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_no_compiler_and_no_file_of_it_outlives_netlang(
    compiling: subprocess.Popen[bytes], tmp_path: Path, name: str
) -> None:
    compiling.send_signal(getattr(signal, name))
    compiling.wait(SECONDS)
    ids = [int(text) for text in (tmp_path / "ids").read_text().split()]
    assert happens(lambda: not any(map(is_there, ids)))
    assert happens(lambda: not list((tmp_path / "netlang").iterdir()))


@pytest.mark.parametrize("to", [1, 2])
def test_words_without_end_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: int
) -> None:
    monkeypatch.setenv("CC", str(script(tmp_path, f"while :; do echo {'x' * 1000}; done >&{to}")))
    tracemalloc.start()
    try:
        with pytest.raises(NotCompiled, match="printed without end"):
            find_compiler()
        assert tracemalloc.get_traced_memory()[1] < 8 * process._MOST_BYTES
    finally:
        tracemalloc.stop()


def test_long_warnings_are_no_failure(tmp_path: Path) -> None:
    text = 'i=0; while [ $i -lt 200 ]; do echo "$1"; echo "$1" >&2; i=$((i+1)); done; exit 3'
    done = process.run([str(script(tmp_path, text)), "x" * 1000], SECONDS)
    assert (done.returncode, len(done.stdout), len(done.stderr)) == (3, 200 * 1001, 200 * 1001)


def test_what_a_compiler_leaves_running_is_not_waited_for(tmp_path: Path) -> None:
    began = time.monotonic()
    done = process.run([str(script(tmp_path, "sleep 100 & echo $!"))], SECONDS)
    assert time.monotonic() - began < SECONDS
    assert happens(lambda: not is_there(int(done.stdout)))


def test_a_compiler_is_given_nothing_to_read(tmp_path: Path) -> None:
    done = process.run([str(script(tmp_path, "cat; cat <&3"))], SECONDS)
    assert (done.returncode != 0, done.stdout) == (True, "")


def test_a_compilers_own_temporary_files_go_with_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiler: Compiler
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    before = elsewhere.stat().st_mtime_ns
    cache.build("key", "int answer(void) { return 42; }\n", compiler)
    assert elsewhere.stat().st_mtime_ns == before
    assert [file.suffix for file in (tmp_path / "netlang").iterdir()] == [".so"]


def test_output_that_comes_after_the_command_s_end_is_read_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raised: list[object] = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    late = "import subprocess; subprocess.Popen(['sh', '-c', 'sleep 0.5; echo late'], "
    process.run([sys.executable, "-c", late + "start_new_session=True)"], SECONDS)
    time.sleep(1)
    assert not raised


def test_a_group_is_ended_once_as_its_number_may_be_a_stranger_s_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    killpg, ended = os.killpg, list[int]()

    def end(group: int, sign: int) -> None:
        ended.append(group)
        killpg(group, sign)

    monkeypatch.setattr(os, "killpg", end)
    process.run(["true"], SECONDS)
    assert len(ended) == 1
