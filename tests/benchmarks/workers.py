"""How much faster two processes train a wide table network than one, each on one thread.

    python -m tests.benchmarks.workers

Each takes its slices of every batch, and torch.distributed brings their gradients together. Where
others use the machine, the time of the clock says more of them: so that of the processor stands
beside it.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist

from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor
from netlang.engine.native.engine import NativeEngine
from netlang.engine.network import Network
from netlang.engine.shared import Workers, share
from netlang.language.source import SourceFile

WIDTH, BATCH, STEPS, EPOCHS = 1024, 1024, 4, 8
TEXT = f"""\
net = Linear(2, {WIDTH}) -> ReLU -> Linear({WIDTH}, {WIDTH}) -> ReLU -> Linear({WIDTH}, 2)
data = Disc(train={BATCH * STEPS}, test=5)
loss = SoftmaxCrossEntropy
optimizer = Adam
batch = {BATCH}
"""


def least(rank: int, world: int) -> tuple[float, float]:
    """The least seconds of a step in an epoch: those of the clock, and those of the processor."""
    program = compile_source(SourceFile("a.net", TEXT), to_run=True).require()
    assert program.data
    assert program.loss
    assert program.optimizer
    train = program.data.load(program.seed).train
    network = Network(program.graph, program.seed)
    optimizer = type(program.optimizer).over(network, program.optimizer.values)
    made = NativeEngine(network, program.loss, optimizer, BATCH, program.seed)
    engine = share(made, Workers(rank, world))
    assert engine
    batches = Batches(train.inputs, train.targets, BATCH, program.seed)
    taken = []
    for epoch in range(1, EPOCHS + 1):
        began = time.perf_counter(), time.process_time()
        for _ in engine.run(batches, Cursor(epoch)):
            pass
        ended = time.perf_counter(), time.process_time()
        taken.append([(end - begin) / STEPS for begin, end in zip(began, ended, strict=True)])
    clock, processor = map(min, zip(*taken, strict=True))
    return clock, processor


def train_with_others(rank: int, world: int, folder: Path) -> None:
    torch.set_num_threads(1)
    store = dist.FileStore(str(folder / "store"), world)
    dist.init_process_group(
        "gloo", store=store, rank=rank, world_size=world, timeout=timedelta(seconds=60)
    )
    clock, processor = least(rank, world)
    dist.barrier()
    dist.destroy_process_group()
    if rank == 0:
        (folder / "seconds").write_text(f"{clock} {processor}", encoding="utf-8")


def main() -> None:
    context = multiprocessing.get_context("spawn")
    found = {}
    for world in (1, 2):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            started = [
                context.Process(target=train_with_others, args=(rank, world, folder))
                for rank in range(world)
            ]
            for process in started:
                process.start()
            for process in started:
                process.join()
            found[world] = [*map(float, (folder / "seconds").read_text("utf-8").split())]
        clock, processor = (1e3 * one for one in found[world])
        print(f"{world} of them: {clock:.1f} ms a step, {processor:.1f} ms of a processor")
    clock, processor = (one / two for one, two in zip(found[1], found[2], strict=True))
    print(f"two are {clock:.2f} times as fast, and {processor:.2f} by their processors' time")


if __name__ == "__main__":
    main()
