"""What all tests share: a cache of compiled code, and for each test a folder to work in.

Without the slow tests, C is optimized little and pictures have few dots, as both take long.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from netlang.engine.native import cc
from netlang.engine.native.cc import Compiler, NotCompiled, find_compiler
from netlang.runs.plots import canvas, decisions
from netlang.system.lazy import torch
from tests.forked import Forks

# Torch's threads sleep while they wait for each other: by default they use up the processors that
# other workers and compilers need. It is read when torch is imported, which is later than this.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# Examples are the same in every run, so that only a change of the code makes a test fail; those of
# the profile `random` are others each time. How long one takes says what else the machine does.
_ANY = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
settings.register_profile("random", _ANY)
settings.register_profile("netlang", _ANY, derandomize=True)
settings.load_profile("netlang")


def pytest_collection() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    """What is there now stays for all tests: to look it through again and again for garbage would
    take a tenth of their time.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base  # by the workers of one run
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(shared / "cache"))
        yield


@pytest.fixture(autouse=True, scope="session")
def _as_wide_as_where_nobody_says() -> Iterator[None]:
    """Whoever starts the tests may have a terminal, whose width is not that of tables in tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COLUMNS", raising=False)
        yield


@pytest.fixture(autouse=True, scope="session")
def _the_least_numbers_are_not_0() -> Iterator[None]:
    """No library that a test loads makes zeros of them in all that the process computes."""
    yield
    assert torch.full((1,), 5e-324, dtype=torch.float64).mul(1.0).item() > 0


@pytest.fixture(autouse=True, scope="session")
def _a_thread_for_each_worker() -> Iterator[None]:
    """Torch's threads wait for each other, and long where workers share the processors."""
    with pytest.MonkeyPatch.context() as patch:
        if "PYTEST_XDIST_WORKER" in os.environ:
            patch.setenv("OMP_NUM_THREADS", "1")  # for the programs that tests start
            torch.set_num_threads(1)
        yield


@pytest.fixture(autouse=True, scope="session")
def _quick_pieces(pytestconfig: pytest.Config) -> Iterator[None]:
    """What the programs that tests start compile and draw stays as it is."""
    with pytest.MonkeyPatch.context() as patch:
        if pytestconfig.option.markexpr == "not slow":
            optimized = tuple("-Og" if flag == "-O2" else flag for flag in cc._FLAGS)
            patch.setattr(cc, "_FLAGS", optimized)
            patch.setattr(canvas, "DPI", 50)
            patch.setattr(decisions, "_FINE", 100)
        yield


@pytest.fixture(autouse=True, scope="session")
def _nobody_waits_for_the_disk() -> Iterator[None]:
    """What tests write outlives no failure of power. A file that cannot be written is told as ever,
    and the programs that tests start wait.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)
        yield


@pytest.fixture(autouse=True, scope="session")
def _programs_heed_interrupts() -> None:
    """What a shell starts in the background ignores them, what ``nohup`` starts a terminal's end,
    and so would what the tests start.
    """
    defaults = {"SIGINT": signal.default_int_handler, "SIGHUP": signal.SIG_DFL}
    for name, default in defaults.items():
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, default)


@pytest.fixture(scope="session")
def _empty_folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [tmp_path_factory.mktemp("folders") / "0"]


@pytest.fixture
def tmp_path(_empty_folders: list[Path]) -> Iterator[Path]:
    """An empty folder, which a test that left it so leaves to the next: most need none, and to make
    one takes longer than they do.
    """
    folder = _empty_folders.pop()
    folder.mkdir(mode=0o700, exist_ok=True)
    yield folder
    unused = folder.is_dir() and not any(folder.iterdir())
    _empty_folders.append(folder if unused else folder.with_name(str(int(folder.name) + 1)))


@pytest.fixture(autouse=True)
def _folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Programs that start at once."""
    with Forks() as made:
        yield made


@pytest.fixture
def compiler() -> Compiler:
    """Tests that need a C compiler are skipped where there is none."""
    try:
        return find_compiler()
    except NotCompiled as reason:
        pytest.skip(str(reason))


@pytest.fixture(params=["tensor", "native"])
def backend(request: pytest.FixtureRequest) -> str:
    """Each of the two that train."""
    if request.param == "native":
        request.getfixturevalue("compiler")
    return str(request.param)
