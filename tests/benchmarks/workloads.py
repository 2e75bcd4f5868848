"""What is trained: networks as `.net` files, a batch size, and data made up from a seed.

Numpy alone is needed here, so that a contestant's process loads nothing of another's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.paths import MODELS

Floats = NDArray[np.float32]

HERE = Path(__file__).parent
LEARNING_RATE = 1e-3  # of all workloads, as in their files


@dataclass(frozen=True)
class Workload:
    """One network at one batch size.

    ``name`` is what reports call it, ``twin`` the name under which every peer has a network of
    the same layers. ``widths`` are the sizes on the way through its linear layers, the inputs
    first. ``overrides`` make of the file what is wanted here.
    """

    name: str
    twin: str
    file: Path
    widths: tuple[int, ...]
    batch: int
    samples: int
    optimizer: str = "Adam"
    overrides: tuple[str, ...] = ()
    dropout: float = 0.5  # of the models that have any

    @property
    def key(self) -> str:
        """What a command line calls it: ``model2/10``."""
        return f"{self.twin}/{self.batch}"

    @property
    def steps(self) -> int:
        """Steps in an epoch."""
        return self.samples // self.batch

    @property
    def text(self) -> str:
        text = self.file.read_text(encoding="utf-8")
        return text.replace("Dropout(0.5)", f"Dropout({self.dropout})")

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """(out, in) of each linear layer, in order."""
        return [(out, into) for into, out in zip(self.widths, self.widths[1:], strict=False)]

    def data(self) -> tuple[Floats, NDArray[np.int64]]:
        """Inputs [samples, in], and class numbers [samples]: how far from 0 an input is."""
        draw = np.random.default_rng(0)
        inputs = draw.standard_normal((self.samples, self.widths[0]), dtype=np.float32)
        ranks = np.square(inputs).sum(1).argsort().argsort()
        return inputs, ranks * self.widths[-1] // self.samples

    def weights(self) -> list[Floats]:
        """What everyone starts from: of each linear layer its weight [out, in] and bias [out]."""
        draw = np.random.default_rng(1)
        weights: list[Floats] = []
        for out, into in self.shapes:
            deviation = np.float32(math.sqrt(2 / (into + out)))
            weights.append(draw.standard_normal((out, into), dtype=np.float32) * deviation)
            weights.append(draw.standard_normal(out, dtype=np.float32) * deviation)
        return weights

    def one_step(self) -> Workload:
        """The same with one batch of samples, so that an epoch is a step."""
        return replace(self, samples=self.batch)

    def without_dropout(self) -> Workload:
        return replace(self, dropout=0.0)


def model1(batch: int) -> Workload:
    return Workload(
        "Model 1", "model1", MODELS / "model1.net", (2, 25, 25, 25, 2), batch, 1000, "SGD"
    )


def model2(batch: int) -> Workload:
    return Workload("Model 2", "model2", MODELS / "model2.net", (2, 25, 25, 25, 2), batch, 1000)


def classifier(
    batch: int, inputs: int = 784, width: int = 512, depth: int = 1, samples: int = 4096
) -> Workload:
    """``depth`` layers of ``width`` to ``width`` between the first layer and the last."""
    return Workload(
        name="-".join(map(str, (inputs, *[width] * (depth + 1), 10))),
        twin="classifier",
        file=HERE / "classifier.net",
        widths=(inputs, *[width] * (depth + 1), 10),
        batch=batch,
        samples=samples,
        overrides=(f"inputs={inputs}", f"width={width}", f"depth={depth}"),
    )


def residual(batch: int, width: int = 64, depth: int = 16, samples: int = 2048) -> Workload:
    """``depth`` blocks of two layers each."""
    return Workload(
        name=f"{depth} residual blocks of {width}",
        twin="residual",
        file=MODELS / "residual.net",
        widths=(2, *[width] * (2 * depth + 1), 2),
        batch=batch,
        samples=samples,
        overrides=(f"width={width}", f"depth={depth}"),
    )


WORKLOADS = (
    *(model1(batch) for batch in (1, 10, 100, 1000)),
    *(model2(batch) for batch in (1, 10, 100, 1000)),
    *(classifier(batch) for batch in (32, 128, 512)),
    residual(64),
)
BY_KEY = {workload.key: workload for workload in WORKLOADS}
