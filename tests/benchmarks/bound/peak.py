"""The products of a step at the machine's peak: as many multiply-adds, and nothing else."""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from netlang.catalogue.layers import GRU, Attention
from netlang.compiler.ir import Node
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from tests.benchmarks.workloads import Floats, Workload

SOURCE = Path(__file__).with_name("peak.c")
FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")


class Peak:
    """Each step takes the time that its products take at least, however they are computed."""

    def __init__(self, workload: Workload) -> None:
        self.kept = workload.weights()
        self.count = multiply_adds_of_a_step(workload) * workload.steps
        self.call = compiled().multiply_adds

    def train(self, epochs: int) -> None:
        for _ in range(epochs):
            self.call(ctypes.c_int64(self.count))

    def weights(self) -> list[Floats]:
        """Those of the start: nothing is learnt."""
        return self.kept


def multiply_adds_of_a_step(workload: Workload) -> int:
    """Forwards, for the weights' gradients, and for those of all inputs but the network's own."""
    source = SourceFile(workload.file.name, workload.text, workload.file)
    nodes = compile_source(source, workload.overrides).require().graph.layers
    return workload.batch * sum(3 * forwards(node) - left_out(node) for node in nodes)


def forwards(node: Node) -> int:
    """What a sample needs: of causal attention, half of the scores and of what they weigh."""
    macs = node.layer.macs(*node.takes)
    if isinstance(node.layer, Attention) and node.layer.causal:
        places, width = node.shape.sizes
        return macs - places * (places - 1) * width
    return macs


def left_out(node: Node) -> int:
    """What the gradient of the network's input would take, in the layer that reads it."""
    if 0 not in node.inputs:
        return 0
    if isinstance(node.layer, GRU):
        steps, features = node.takes[0].sizes
        return steps * features * 3 * node.layer.hidden_size
    return forwards(node)


@cache
def compiled() -> ctypes.CDLL:
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, "peak.so")
        subprocess.run(["cc", *FLAGS, str(SOURCE), "-o", str(library)], check=True)
        made = ctypes.CDLL(str(library))
    made.multiply_adds.restype = ctypes.c_float
    return made
