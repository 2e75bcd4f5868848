"""What all tests share: a cache of compiled code, and a folder of each one's own to work in."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from netlang.engine.native.cc import Compiler, NotCompiled, find_compiler


@pytest.fixture(autouse=True, scope="session")
def _cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> object:
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base  # by the workers of one run
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(shared / "cache"))
        yield


@pytest.fixture(autouse=True, scope="session")
def _programs_heed_interrupts() -> None:
    """What a shell starts in the background ignores them, and so would what the tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def compiler() -> Compiler:
    """Tests that need a C compiler are skipped where there is none."""
    try:
        return find_compiler()
    except NotCompiled as reason:
        pytest.skip(str(reason))
