"""A compiler has an end: in time, in words, and with netlang, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from netlang.engine.native import cache
from netlang.engine.native.cc import Compiler, NotCompiled, find_compiler
from netlang.system import child_process
from tests.system.test_child_process import SECONDS, happens, is_there, script

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="groups of processes are POSIX's")

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


def test_who_waits_long_for_a_compiler_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(child_process, "_LONG", 0.05)
    source, compiled = tmp_path / "step.c", tmp_path / "step.so"
    source.write_text("")
    compiler = Compiler((str(script(tmp_path, f"sleep 0.3; : > {compiled}")),), "slow")
    compiler.compile(source, compiled, ())
    said = "is still at work; what it makes is kept for later runs"
    assert capsys.readouterr().err == f"the C compiler `{compiler.shown}` {said}\n"
    monkeypatch.setattr(child_process, "_LONG", SECONDS)
    compiler.compile(source, compiled, ())
    assert not capsys.readouterr().err


@pytest.mark.parametrize("to", [1, 2])
def test_words_without_end_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: int
) -> None:
    monkeypatch.setenv("CC", str(script(tmp_path, f"while :; do echo {'x' * 1000}; done >&{to}")))
    tracemalloc.start()
    try:
        with pytest.raises(NotCompiled, match="printed without end"):
            find_compiler()
        assert tracemalloc.get_traced_memory()[1] < 8 * child_process._MOST_BYTES
    finally:
        tracemalloc.stop()


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
