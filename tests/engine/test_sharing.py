"""Several processes that share their steps come to the same bits as one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from netlang.engine import Cursor
from netlang.engine.shared import SharedEngine, Workers, share
from netlang.engine.shares import tree_sum
from netlang.lowering.lowerings import Unsupported
from tests.engine.sharing import CASES, WORLDS, engine_of

PROCESSES = WORLDS[-1]


@pytest.mark.slow
@pytest.mark.usefixtures("compiler")
def test_processes_have_the_bits_of_one_and_hear_when_one_is_killed(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "tests.engine.sharing"]
    started = [
        subprocess.Popen([*command, str(rank), str(PROCESSES), str(tmp_path)])
        for rank in range(PROCESSES)
    ]
    try:
        *left, killed = [process.wait(240) for process in started]
        assert left == [0] * (PROCESSES - 1)
        assert killed < 0
    finally:
        for process in started:
            process.kill()
    said = [(tmp_path / f"{rank}.txt").read_text(encoding="utf-8") for rank in range(PROCESSES - 1)]
    assert {*said} == {"another worker ended, or says nothing any more, within 30 s"}
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
    made, batches = engine_of(CASES["weighed"], "tensor", torch.float64)
    shared = share(made, Workers(0, 1))
    alone, _ = engine_of(CASES["weighed"], "tensor", torch.float64)
    assert isinstance(shared, SharedEngine)
    for engine in (shared, alone):
        for _ in engine.run(batches, Cursor(), 1):
            pass
    weights = [one.network.parameters for one in (shared, alone)]
    torch.testing.assert_close(*weights, rtol=1e-9, atol=1e-12)


def test_what_cannot_be_shared_is_refused() -> None:
    normed, _ = engine_of(CASES["normed"], "tensor", torch.float32)
    with pytest.raises(Unsupported, match=r"BatchNorm.*measures the whole batch.* native"):
        share(normed, Workers(0, 2))
    searching = CASES["weighed"].replace("optimizer = Lion\nschedule = Cosine", "optimizer = LBFGS")
    engine, _ = engine_of(searching, "tensor", torch.float32)
    with pytest.raises(Unsupported, match="LBFGS looks at the loss"):
        share(engine, Workers(0, 2))
