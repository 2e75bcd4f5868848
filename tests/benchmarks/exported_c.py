"""One sample through the C that ``netlang export --to c`` writes."""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch

from netlang.engine.network import Network
from netlang.lowering.c.inference.network import NetworkInC
from netlang.lowering.c.inference.spelling import FUNCTIONS, used_functions
from netlang.lowering.lowerings import Unsupported
from tests.benchmarks.contestants import CannotTake
from tests.benchmarks.netlang_engine import program
from tests.benchmarks.workloads import Floats, Workload

INCLUDES = "#include <math.h>\n#include <string.h>\n"
FLAGS = ("-O3", "-march=native", "-ffast-math", "-fPIC")


class Exported:
    """The function, on numbers that lie where it looks for them.

    Raises CannotTake for a network of which a part has no C.
    """

    def __init__(self, workload: Workload) -> None:
        graph = program(workload).graph
        network = Network(graph, 0)
        for (weight, _), start in zip(network.param(), workload.weights(), strict=True):
            weight.copy_(torch.from_numpy(start))
        try:
            made = NetworkInC(graph, network.named_tensors(), "inputs", "outputs")
        except Unsupported as reason:
            raise CannotTake(str(reason)) from None
        inputs, _ = workload.data()
        self.inputs = np.ascontiguousarray(inputs[0], np.float32)
        self.outputs = np.zeros(graph.output.sizes, np.float32)
        self.work = np.zeros(max(made.size, 1), np.float32)
        self.call = compiled(made).predict
        arrays = self.inputs, self.outputs, self.work
        self.addresses = [array.ctypes.data_as(ctypes.c_void_p) for array in arrays]

    def predict(self) -> Floats:
        self.call(*self.addresses)
        return self.outputs


def compiled(network: NetworkInC) -> ctypes.CDLL:
    """The network's layers as an exported file has them, in a library that is loaded."""
    head = "void predict(const float *inputs, float *outputs, float *work)"
    body = f"{network.weights}\n{network.functions}\n{head} {{\n(void)work;\n{network.calls}\n}}\n"
    text = f"{INCLUDES}{used_functions(body, FUNCTIONS)}{body}"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "network.c").write_text(text, encoding="utf-8")
        subprocess.run(["cc", *FLAGS, "-c", "network.c"], cwd=folder, check=True)
        # Linked without -ffast-math, which would change how all of the process rounds.
        linked = ["cc", "-shared", "network.o", "-o", "network.so", "-lm"]
        subprocess.run(linked, cwd=folder, check=True)
        return ctypes.CDLL(str(Path(folder, "network.so")))
