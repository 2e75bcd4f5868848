"""C that tests compile and call: sources in one library, as a compiler takes long to start."""

from __future__ import annotations

import ctypes
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from netlang.engine.native.cc import find_compiler

# What a user may ask of a compiler.
STRICT = "-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-ffp-contract=off"


def library(sources: Mapping[str, str], folder: Path) -> ctypes.CDLL:
    """The sources, by the names of their files, as one library."""
    for name, text in sources.items():
        (folder / name).write_text(text, encoding="utf-8")
    files = [name for name in sources if name.endswith(".c")]
    command = [
        *find_compiler().command,
        *STRICT,
        "-O1",
        "-shared",
        "-fPIC",
        "-o",
        "all.so",
        *files,
        "-lm",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr[:3000]
    return ctypes.CDLL(str(folder / "all.so"))


class Compiled:
    """The function ``<stem>_predict`` of a library, whose header says how long arrays are."""

    def __init__(self, functions: ctypes.CDLL, stem: str, header: str) -> None:
        self._predict = functions[f"{stem}_predict"]
        self.inputs, self.outputs, self.work = (
            int(found) for found in re.findall(r"_(?:INPUTS|OUTPUTS|WORK) = (\d+)", header)
        )
        self._real = np.float64 if "const double *inputs" in header else np.float32
        self._answer = np.float64 if "double *outputs, float" in header else np.float32

    def __call__(self, samples: Tensor) -> Tensor:
        """Shape: [N, *] -> [N, outputs]. What was in memory before makes no difference."""
        rows = np.ascontiguousarray(samples.flatten(1).numpy(), self._real)
        assert rows.shape[1] == self.inputs
        outputs = np.full((len(rows), self.outputs), np.nan, self._answer)
        work = np.full(self.work, np.nan, np.float32)
        for row, own in zip(rows, outputs, strict=True):
            self._predict(*(one.ctypes.data_as(ctypes.c_void_p) for one in (row, own, work)))
        return torch.from_numpy(outputs)
