"""Several processes that share their steps come to the same bits as one."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import torch

from netlang.engine import Cursor, common_memory
from netlang.engine.common_memory import CommonMemory
from netlang.engine.shared import SharedEngine, Workers, share
from netlang.engine.shares import tree_sum
from netlang.lowering.lowerings import Unsupported
from tests.engine.sharing import WORLDS, engine_of

PROCESSES = WORLDS[-1]


@pytest.mark.slow
@pytest.mark.usefixtures("compiler")
def test_processes_have_the_bits_of_one_and_hear_of_others_that_differ_or_are_lost(
    tmp_path: Path,
) -> None:
    numbers = torch.randn(2000, 3, generator=torch.Generator().manual_seed(0)).numpy()
    pl.DataFrame(numbers, schema=["a", "b", "y"]).write_parquet(
        tmp_path / "rows.parquet", row_group_size=700
    )
    command = [sys.executable, "-m", "tests.engine.sharing"]
    started = [
        subprocess.Popen([*command, str(rank), str(PROCESSES), str(tmp_path)])
        for rank in range(PROCESSES)
    ]
    try:
        *left, _stopped, killed = started
        assert [process.wait(240) for process in left] == [0] * len(left)
        assert killed.wait(10) == -signal.SIGKILL
    finally:
        for process in started:
            process.kill()
            process.wait()
    for rank in range(len(left)):
        assert (tmp_path / f"{rank}.txt").read_text(encoding="utf-8").splitlines() == [
            "worker 3 has other weights than worker 0 after the same steps: their processors or "
            "libraries compute other bits",
            "(3,) worker 3 ended, within 30 s",
            "(2,) worker 2 said nothing for 3 s: stopped, stuck in a step, or out of reach, "
            "within 30 s",
        ]
    files = [tmp_path / f"{rank}.json" for rank in range(PROCESSES)]
    first, *others = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    for name, digests in first.items():
        alone = digests.pop("alone")
        assert len({*digests.values()}) == 1, (name, digests)
        if "native" in name:
            assert alone in digests.values(), name
        sharing = {"small": "1111", "uneven": "1233"}.get(name.split(",")[0], "1224")
        assert [*digests] == [f"{at}: {n}" for at, n in zip(WORLDS, sharing, strict=True)], name
        for other in others:
            assert other[name].items() <= digests.items(), name


def test_the_sum_of_a_block_of_slices_is_a_branch_of_the_tree_of_all() -> None:
    slices = [*torch.randn(7, 50, generator=torch.Generator().manual_seed(0))]
    whole = tree_sum([one.clone() for one in slices])
    for block in (1, 2, 4):
        parts = [
            tree_sum([one.clone() for one in slices[at : at + block]]) for at in range(0, 7, block)
        ]
        assert torch.equal(tree_sum(parts), whole)


def test_one_worker_on_tensors_agrees_with_none_to_rounding() -> None:
    made, batches = engine_of("weighed", "tensor", torch.float64)
    shared = share(made, Workers(0, 1))
    alone, _ = engine_of("weighed", "tensor", torch.float64)
    assert isinstance(shared, SharedEngine)
    for engine in (shared, alone):
        for _ in engine.run(batches, Cursor(), 1):
            pass
    weights = [one.network.parameters for one in (shared, alone)]
    torch.testing.assert_close(*weights, rtol=1e-9, atol=1e-12)


def test_there_is_no_common_memory_where_the_system_has_none_or_too_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def memory() -> CommonMemory | None:
        return CommonMemory.over(0, 1, torch.zeros(1000), lambda own: [own])

    monkeypatch.setattr(common_memory, "_PLACE", tmp_path)
    assert memory()
    assert not [*tmp_path.iterdir()]  # what all have open needs no name

    def refuse(*_: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "posix_fallocate", refuse, raising=False)
    assert memory() is None
    monkeypatch.setattr(common_memory, "_PLACE", tmp_path / "nowhere")
    assert memory() is None


def test_processes_of_another_machine_do_not_find_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(common_memory, "_PLACE", tmp_path)
    name = bytearray(b"of_another".ljust(255, b"\0"))
    of_all = iter([torch.frombuffer(name, dtype=torch.uint8)])
    own: list[torch.Tensor] = []

    def gather(one: torch.Tensor) -> list[torch.Tensor]:
        own.append(one)
        return [next(of_all, torch.tensor([True])), one]

    assert CommonMemory.over(1, 2, torch.zeros(1000), gather) is None
    assert not own[1].item()


def test_what_cannot_be_shared_is_refused() -> None:
    normed, _ = engine_of("normed", "tensor", torch.float32)
    with pytest.raises(Unsupported, match=r"BatchNorm.*measures the whole batch.* native"):
        share(normed, Workers(0, 2))
    engine, _ = engine_of("searching", "tensor", torch.float32)
    with pytest.raises(Unsupported, match="LBFGS looks at the loss"):
        share(engine, Workers(0, 2))
