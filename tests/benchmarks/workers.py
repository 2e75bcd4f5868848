"""How much faster two processes train a wide table network than one, each on one thread.

    python -m tests.benchmarks.workers

Each takes its slices of every batch, and torch.distributed brings their gradients together. Epochs
of one process and of two take turns. Where others use the machine, the time of the clock says more
of them: so that of the processor stands beside it.
"""

from __future__ import annotations

import json
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist
from torch.multiprocessing.spawn import spawn

from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor, Engine
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.engine.shared import Workers, share
from netlang.language.source import SourceFile

WIDTH, BATCH, STEPS, EPOCHS = 1024, 1024, 4, 30
TEXT = f"""\
net = Linear(2, {WIDTH}) -> ReLU -> Linear({WIDTH}, {WIDTH}) -> ReLU -> Linear({WIDTH}, 2)
data = Disc(train={BATCH * STEPS}, test=5)
loss = SoftmaxCrossEntropy
optimizer = Adam
batch = {BATCH}
"""


def engine_and_batches() -> tuple[Engine, Batches]:
    program = compile_source(SourceFile("a.net", TEXT), to_run=True).require()
    assert program.data
    assert program.loss
    assert program.optimizer
    train = program.data.load(program.seed).train
    network = Network(program.graph, program.seed)
    optimizer = type(program.optimizer).over(network, program.optimizer.values)
    engine = NativeEngine(network, program.loss, optimizer, BATCH, program.seed)
    return engine, Batches(train.inputs, train.targets, BATCH, program.seed)


def milliseconds(engine: Engine, batches: Batches, epoch: int) -> tuple[float, float]:
    """Those of a step in an epoch: of the clock, and of the processor."""
    began = time.perf_counter(), time.process_time()
    for _ in engine.run(batches, Cursor(epoch)):
        pass
    ended = time.perf_counter(), time.process_time()
    clock, processor = (
        1e3 * (end - begin) / STEPS for begin, end in zip(began, ended, strict=True)
    )
    return clock, processor


def train_in_turns(rank: int, world: int, folder: Path) -> None:
    """Epochs of the first process alone, and in between those of all of them."""
    torch.set_num_threads(1)
    store = dist.FileStore(str(folder / "store"), world)
    dist.init_process_group(
        "gloo", store=store, rank=rank, world_size=world, timeout=timedelta(seconds=60)
    )
    alone, batches = engine_and_batches()
    shared = share(engine_and_batches()[0], Workers(rank, world))
    assert shared
    taken: dict[str, list[tuple[float, float]]] = {"alone": [], "shared": []}
    for epoch in range(1, EPOCHS + 1):
        dist.barrier()
        if rank == 0:
            taken["alone"].append(milliseconds(alone, batches, epoch))
        dist.barrier()
        taken["shared"].append(milliseconds(shared, batches, epoch))
    dist.barrier()
    dist.destroy_process_group()
    if rank == 0:
        (folder / "taken").write_text(json.dumps(taken), encoding="utf-8")


def main() -> None:
    world = 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spawn(train_in_turns, (world, folder), nprocs=world)
        taken = json.loads((folder / "taken").read_text("utf-8"))
    found = {who: [*map(min, zip(*times, strict=True))] for who, times in taken.items()}
    for who, (clock, processor) in found.items():
        print(f"{who}: {clock:.1f} ms a step, {processor:.1f} ms of a processor")
    clock, processor = (one / two for one, two in zip(*found.values(), strict=True))
    print(f"two are {clock:.2f} times as fast, and {processor:.2f} by their processors' time")


if __name__ == "__main__":
    main()
