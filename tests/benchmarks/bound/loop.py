"""The C loop of Models 1 and 2: compiled for one batch size, and called epoch by epoch."""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.workloads import Floats, Workload

SOURCE = Path(__file__).with_name("loop.c")
FLAGS = ("-std=gnu11", "-O3", "-march=native", "-ffast-math", "-fPIC")
LANES = 32
ROWS = (2, 1, 25, 1, 25, 1, 2, 1)  # of the struct: weights and biases in turns
ALIGNMENT = 64


class Loop:
    """Weights, means and squares in the loop's own layout: rows of 32 numbers, 25 of them used."""

    def __init__(self, workload: Workload, *flags: str) -> None:
        self.steps_done = 0
        self.network, self.mean, self.square = (aligned(sum(ROWS)) for _ in range(3))
        self.write(workload.weights())
        inputs, labels = workload.data()
        self.inputs = np.ascontiguousarray(inputs)
        self.targets = np.eye(workload.classes, dtype=np.float32)[labels]
        self.call = compiled(workload, *flags).train

    def train(self, epochs: int) -> None:
        vectors = (pointer(part) for part in (self.network, self.mean, self.square))
        data = pointer(self.inputs), pointer(self.targets)
        self.steps_done = self.call(*vectors, self.steps_done, *data, epochs)

    def write(self, weights: list[Floats]) -> None:
        for number, (part, weight) in enumerate(zip(self.parts(), weights, strict=True)):
            transposed = weight.ndim == 2 and number < 6  # the last layer's rows are its outputs
            rows = weight.T if transposed else np.atleast_2d(weight)
            part[:, : rows.shape[1]] = rows

    def weights(self) -> list[Floats]:
        parts = self.parts()
        hidden = [np.ascontiguousarray(part[:, :25].T) for part in parts[:6:2]]
        biases = [part[0, :25].copy() for part in parts[1:6:2]]
        layers = [part for pair in zip(hidden, biases, strict=True) for part in pair]
        return [*layers, parts[6][:, :25].copy(), parts[7][0, :2].copy()]

    def parts(self) -> list[Floats]:
        """Views of the network: of each layer its weight and its bias."""
        return np.split(self.network, np.cumsum(ROWS)[:-1])


def aligned(rows: int) -> Floats:
    """Zeros [rows, LANES] that start where vector instructions like it."""
    size = rows * LANES
    room = np.zeros(size + ALIGNMENT // 4, dtype=np.float32)
    start = -room.ctypes.data % ALIGNMENT // 4
    return room[start : start + size].reshape(rows, LANES)


def pointer(array: Floats) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def compiled(workload: Workload, *flags: str) -> ctypes.CDLL:
    """The loop's library for this workload; the file is gone once it is loaded.

    More ``flags`` may take vector instructions away from the processor that it is written for.
    """
    sizes = {
        "MODEL": int(workload.twin[-1]),
        "BATCH": workload.batch,
        "SAMPLES": workload.samples,
        "DROPOUT": int(workload.dropout > 0),
    }
    defines = [f"-D{name}={value}" for name, value in sizes.items()]
    with tempfile.TemporaryDirectory() as folder:
        made, library = Path(folder, "loop.o"), Path(folder, "loop.so")
        subprocess.run(
            ["cc", *FLAGS, *flags, *defines, "-c", str(SOURCE), "-o", str(made)], check=True
        )
        # Linked without -ffast-math, which would change how all of the process rounds.
        linked = ["-shared", "-o", str(library), str(made), "-lmvec", "-lm"]
        subprocess.run(["cc", *linked], check=True)
        return ctypes.CDLL(str(library))
