"""What a process does that shares its steps with others: trainings by 1, 2, 3 and 4 of them."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor

from netlang.catalogue.data.formats import blocks
from netlang.catalogue.data.streamed import StreamedSamples
from netlang.catalogue.data.table import streaming
from netlang.compiler.passes import compile_source
from netlang.engine import Batches, Cursor, Engine
from netlang.engine.augmenting import Augmenting
from netlang.engine.choice import choose
from netlang.engine.descent import Descent
from netlang.engine.network import Network
from netlang.engine.shared import SharedEngine, WorkerLost, Workers, WorkersDiffer, share
from netlang.engine.streaming import batches_of, stretches
from netlang.language.source import SourceFile

EPOCHS = 2
_WIDE = "Linear(2, 128) -> ReLU -> Dropout(0.25) -> Linear(128, 128) -> Tanh -> Linear(128, 2)"
_NORMED = "Linear(2, 256) -> BatchNorm(_) -> ReLU -> Linear(256, 256) -> BatchNorm(_)"
_NORMED += " -> Linear(256, 2)"
_DATA = "data = Disc(train=1300, test=5)\nbatch = 1024\n"
_LOSS = "loss = SoftmaxCrossEntropy\n"
_STEP = "optimizer = Adam(weight_decay=1e-3)\nclip = Norm(0.5)\npenalty = L2(1e-3)\n"

_STREAM = 'data = Table("rows.parquet", target="y", stream=true)\nbatch = 1024\nloss = MSE\n'

# The last batch of an epoch has 276 samples, which fill three slices of eight, so that the last
# processes have none; or it has 60, which fill two of six. The small step is not shared.
CASES = {
    "wide": f"net = {_WIDE}\n{_DATA}{_LOSS}{_STEP}average = EMA(0.5)\n",
    "weighed": f"net = {_WIDE}\n{_DATA}loss = SoftmaxCrossEntropy(weight=[1, 3])\n"
    "optimizer = Lion\nschedule = Cosine\n",
    "normed": f"net = {_NORMED}\n{_DATA}{_LOSS}optimizer = SGD(momentum=0.9)\naverage = EMA(0.5)\n",
    "uneven": f"net = {_NORMED}\ndata = Disc(train=460, test=5)\nbatch = 200\n{_LOSS}"
    "optimizer = AdamW\naugment = Noise(0.1) -> Mixup(0.2)\n",
    "streamed": f"net = {_WIDE[: -len('2)')]}1)\n{_STREAM}optimizer = Adam\n",
    "searching": f"net = {_WIDE}\n{_DATA}{_LOSS}optimizer = LBFGS\n",
    "small": f"net = Linear(2, 4) -> Tanh -> Linear(4, 2)\n{_DATA}{_LOSS}optimizer = Adam\n",
}
RUNS = [
    *((name, "native", torch.float32) for name in CASES if name != "searching"),
    ("normed", "native", torch.float64),
    *((name, "tensor", torch.float32) for name in ("wide", "weighed")),
]
WORLDS = (1, 2, 3, 4)
BY_MESSAGES = ("weighed", "uneven")  # and the others in memory that the processes have in common
EVALUATED = 9001  # several pieces of the tensor engine
SILENCE = timedelta(seconds=3)


def engine_of(name: str, backend: str, dtype: torch.dtype) -> tuple[Engine, Batches]:
    """Those of a case. The samples of the weighed one count by the weights that they have, too."""
    program = compile_source(SourceFile("a.net", CASES[name]), to_run=True).require()
    assert program.data
    assert program.loss
    assert program.optimizer
    split = program.data.load(program.seed)
    network = Network(program.graph, program.seed)
    network.to(dtype)
    optimizer = type(program.optimizer).over(network, program.optimizer.values)
    changes = program.rates, program.penalties, program.clipping, program.average
    descent = Descent(network, optimizer, *changes)
    engine = choose(backend, program, network, program.loss.anew(), descent)
    if isinstance(split.train, StreamedSamples):
        return engine, batches_of(split.train, program.batch_size, program.seed)
    inputs, targets, weights = split.train.inputs.to(dtype), split.train.targets, None
    if name == "weighed":
        weights = torch.arange(len(inputs)) % 3
    how = {"weights": weights, "augmenting": Augmenting.of(program, split)}
    return engine, Batches(inputs, targets, program.batch_size, program.seed, **how)


def trained(engine: Engine, batches: Batches, epochs: int = EPOCHS) -> list[Tensor]:
    """All that is left behind, and all that was said on the way."""
    said = [
        part
        for epoch in range(1, epochs + 1)
        for outputs in stretches(engine, batches, Cursor(epoch))
        for part in outputs
    ]
    result = engine.descent.result
    kept = [engine.network.parameters, engine.network.statistics, *engine.optimizer.vectors()]
    evaluate = engine.evaluate_together if isinstance(engine, SharedEngine) else engine.evaluate
    inputs = batches.inputs.repeat(-(-EVALUATED // len(batches.inputs)), 1)[:EVALUATED]
    evaluated = [*evaluate(inputs)]
    sizes = torch.tensor([*map(len, evaluated)])
    return [*kept, result.parameters, result.statistics, torch.cat(said[::2]), *evaluated, sizes]


def digest(tensors: list[Tensor]) -> str:
    return hashlib.sha256(b"".join(one.numpy().tobytes() for one in tensors)).hexdigest()[:16]


def of_all_cases(rank: int) -> dict[str, dict[str, str]]:
    """By case and by how many processes there are, how many shared it, and what came of it."""
    found: dict[str, dict[str, str]] = {}
    for name, backend, dtype in RUNS:
        case = found.setdefault(f"{name}, {backend}, {str(dtype).removeprefix('torch.')}", {})
        if rank == 0:
            case["alone"] = digest(trained(*engine_of(name, backend, dtype)))
        for world in WORLDS[rank:]:
            made, batches = engine_of(name, backend, dtype)
            workers = Workers(rank, world, common=name not in BY_MESSAGES)
            if engine := share(made, workers):
                sharing = engine.workers.world if isinstance(engine, SharedEngine) else 1
                case[f"{world}: {sharing}"] = digest(trained(engine, batches))
    return found


def shared_case(
    name: str, workers: Workers, dtype: torch.dtype = torch.float32
) -> tuple[Engine, Batches]:
    made, batches = engine_of(name, "native", dtype)
    engine = share(made, workers)
    assert engine
    return engine, batches


def differs_if_fast(rank: int, world: int) -> float:
    """How far weights are apart whose gradients were summed in any order."""
    weights = []
    for fast in (False, True):
        workers = Workers(rank, world, fast, common=not fast)
        weights.append(trained(*shared_case("normed", workers, torch.float64))[0])
    return (weights[0] - weights[1]).abs().max().item()


def with_another_weight(rank: int, world: int) -> str:
    """What a process says when the last one changes a bit of a weight."""
    engine, batches = shared_case("normed", Workers(rank, world))
    if rank == world - 1:
        engine.network.parameters[7:8].view(torch.int32).bitwise_xor_(1)
    try:
        trained(engine, batches, epochs=1)
    except WorkersDiffer as differ:
        return str(differ)
    return "nothing"


def without_the_last(name: str, rank: int, world: int, sent: signal.Signals) -> str:
    """What a process says when the last one gets such a signal, and does nothing any more."""
    engine, batches = shared_case(name, Workers(rank, world, silence=SILENCE))
    if rank == 0:  # somebody may have stopped its output: the others wait
        time.sleep(SILENCE.total_seconds() + 0.5)
    trained(engine, batches, epochs=1)
    if rank == world - 1:
        os.kill(os.getpid(), sent)
    began = time.monotonic()
    try:
        trained(engine, batches, epochs=1000)
    except WorkerLost as lost:
        return (
            f"{lost.ranks} {lost}, within {'30 s' if time.monotonic() - began < 30 else 'minutes'}"
        )
    return "nothing"


def main() -> None:
    rank, world, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    torch.set_num_threads(1 + rank % 2)  # neither engine's bits depend on it
    os.chdir(folder)
    blocks._FEW, streaming.WINDOW, streaming.HELD = 1, 1, 0  # a window is a row group
    if sys.platform == "linux":  # where a name of the machine may lead nowhere
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    store = dist.FileStore(str(folder / "store"), world)
    dist.init_process_group(
        "gloo", store=store, rank=rank, world_size=world, timeout=timedelta(seconds=300)
    )
    found = of_all_cases(rank)
    (folder / f"{rank}.json").write_text(json.dumps(found), encoding="utf-8")
    assert differs_if_fast(rank, world) < 1e-9
    said = [with_another_weight(rank, world)]
    said.append(without_the_last("normed", rank, world, signal.SIGKILL))
    said.append(without_the_last("uneven", rank, world - 1, signal.SIGSTOP))
    (folder / f"{rank}.txt").write_text("\n".join(said), encoding="utf-8")
    sys.stderr.flush()
    os._exit(0)  # torch's own end waits for the one that is lost


if __name__ == "__main__":
    main()
