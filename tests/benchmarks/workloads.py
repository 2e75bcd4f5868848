"""What is trained: networks as `.net` files, a batch size, and data made up from a seed.

Numpy alone is needed here, so that a contestant's process loads nothing of another's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.parameters import (
    Floats,
    Parameter,
    attention,
    convolution,
    gru,
    linear,
    norm,
    table,
)
from tests.paths import MODELS

Inputs = Floats | NDArray[np.int64]

NETWORKS = Path(__file__).parent / "networks"
LEARNING_RATE = 1e-3  # of all workloads, as in their files


@dataclass(frozen=True)
class Workload:
    """One network at one batch size.

    ``name`` is what reports call it, ``twin`` the name under which every peer has a network of
    the same layers, whose weights are ``parameters`` in the file's order. A sample has the shape
    ``input``, and is of one of so many ``classes``; where there are ``tokens``, it is made of so
    many different ones, with a class at each place. ``sizes`` are constants of the file. Each layer
    of ``dropouts`` and ``batch_norms`` gets so many features.
    """

    name: str
    twin: str
    file: Path
    input: tuple[int, ...]
    classes: int
    parameters: tuple[Parameter, ...]
    batch: int
    samples: int
    tokens: int = 0
    optimizer: str = "Adam"
    sizes: Mapping[str, int] = field(default_factory=dict, hash=False)
    dropout: float = 0.5
    dropouts: tuple[int, ...] = ()
    batch_norms: tuple[int, ...] = ()

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
    def overrides(self) -> list[str]:
        """What makes of the file what is wanted here."""
        sizes = [f"{name}={size}" for name, size in self.sizes.items()]
        return [*sizes, f"batch={self.batch}", f"optimizer={self.optimizer}(lr={LEARNING_RATE})"]

    @property
    def is_linear(self) -> bool:
        """Whether its weights are those of linear layers, one behind the other."""
        return self.twin in ("model1", "model2", "classifier", "residual")

    @property
    def takes_pictures(self) -> bool:
        return len(self.input) == 3

    def data(self) -> tuple[Inputs, NDArray[np.int64]]:
        """Inputs [samples, *input], and class numbers [samples]: how far from 0 an input is.

        Of tokens, the class at each place [samples, *input] is the next one.
        """
        draw, shape = np.random.default_rng(0), (self.samples, *self.input)
        if self.tokens:
            tokens = draw.integers(self.tokens, size=shape)
            return tokens, np.roll(tokens, -1, axis=-1)
        inputs = draw.standard_normal(shape, dtype=np.float32)
        ranks = np.square(inputs).reshape(self.samples, -1).sum(1).argsort().argsort()
        return inputs, ranks * self.classes // self.samples

    def weights(self) -> list[Floats]:
        """What everyone starts from: a tensor for each of the parameters."""
        draw = np.random.default_rng(1)
        return [one.drawn(draw) for one in self.parameters]

    def one_step(self) -> Workload:
        """The same with one batch of samples, so that an epoch is a step."""
        return replace(self, samples=self.batch)

    def without_dropout(self) -> Workload:
        return replace(self, dropout=0.0)


def chain(*widths: int) -> tuple[Parameter, ...]:
    """Linear layers of these sizes, the inputs first."""
    return tuple(one for into, out in pairwise(widths) for one in linear(into, out))


def model(number: int, batch: int, optimizer: str = "Adam") -> Workload:
    """The paper's."""
    return Workload(
        name=f"Model {number}",
        twin=f"model{number}",
        file=MODELS / f"model{number}.net",
        input=(2,),
        classes=2,
        parameters=chain(2, 25, 25, 25, 2),
        batch=batch,
        samples=1000,
        optimizer=optimizer,
        dropouts=(25,) * number,
    )


def model1(batch: int) -> Workload:
    return model(1, batch, "SGD")


def model2(batch: int) -> Workload:
    return model(2, batch)


def classifier(
    batch: int, inputs: int = 784, width: int = 512, depth: int = 1, samples: int = 4096
) -> Workload:
    """``depth`` layers of ``width`` to ``width`` between the first layer and the last."""
    widths = inputs, *[width] * (depth + 1), 10
    return Workload(
        name="-".join(map(str, widths)),
        twin="classifier",
        file=NETWORKS / "classifier.net",
        input=(inputs,),
        classes=10,
        parameters=chain(*widths),
        batch=batch,
        samples=samples,
        sizes={"inputs": inputs, "width": width, "depth": depth},
    )


def residual(batch: int, width: int = 64, depth: int = 16, samples: int = 2048) -> Workload:
    """``depth`` blocks of two layers each."""
    return Workload(
        name=f"{depth} residual blocks of {width}",
        twin="residual",
        file=MODELS / "residual.net",
        input=(2,),
        classes=2,
        parameters=chain(2, *[width] * (2 * depth + 1), 2),
        batch=batch,
        samples=samples,
        sizes={"width": width, "depth": depth},
    )


def lenet(batch: int, samples: int = 1024) -> Workload:
    return Workload(
        name="LeNet, 28 x 28",
        twin="lenet",
        file=NETWORKS / "lenet.net",
        input=(1, 28, 28),
        classes=10,
        parameters=(*convolution(1, 6, 5), *convolution(6, 16, 5), *chain(400, 120, 84, 10)),
        batch=batch,
        samples=samples,
    )


def resnet8(batch: int, width: int = 16, size: int = 32, samples: int = 128) -> Workload:
    """Three stages of ``width``, twice and four times as many channels."""

    def normed(into: int, out: int, kernel: int = 3) -> Sequence[Parameter]:
        return *convolution(into, out, kernel, bias=False), *norm(out)

    def down(into: int, out: int) -> Sequence[Parameter]:
        return *normed(into, out, 1), *normed(into, out), *normed(out, out)

    return Workload(
        name=f"ResNet-8, {size} x {size}",
        twin="resnet8",
        file=NETWORKS / "resnet8.net",
        input=(3, size, size),
        classes=10,
        parameters=(
            *normed(3, width),
            *(*normed(width, width), *normed(width, width)),
            *(*down(width, 2 * width), *down(2 * width, 4 * width)),
            *linear(4 * width, 10),
        ),
        batch=batch,
        samples=samples,
        sizes={"width": width, "size": size},
        batch_norms=(*[width] * 3, *[2 * width] * 3, *[4 * width] * 3),
    )


def recurrent(batch: int, width: int = 64, steps: int = 50, samples: int = 512) -> Workload:
    return Workload(
        name=f"GRU of {width}, {steps} steps",
        twin="gru",
        file=NETWORKS / "gru.net",
        input=(steps, 8),
        classes=10,
        parameters=(*gru(8, width), *linear(width, 10)),
        batch=batch,
        samples=samples,
        sizes={"width": width, "steps": steps},
    )


def transformer(
    batch: int, width: int = 64, depth: int = 4, context: int = 64, samples: int = 128
) -> Workload:
    """``depth`` blocks of four heads, for ``context`` characters."""
    characters = 65
    block = (*norm(width), *attention(width), *norm(width), *chain(width, 4 * width, width))
    return Workload(
        name=f"transformer, {depth} x {width}",
        twin="transformer",
        file=NETWORKS / "transformer.net",
        input=(context,),
        classes=characters,
        parameters=(
            *(*table(characters, width), *table(context, width)),
            *block * depth,
            *(*norm(width), *linear(width, characters)),
        ),
        batch=batch,
        samples=samples,
        tokens=characters,
        sizes={"width": width, "depth": depth, "context": context, "characters": characters},
    )


def tabular(batch: int, width: int = 256, samples: int = 4096) -> Workload:
    first, second = linear(30, width, bias=False), linear(width, width, bias=False)
    return Workload(
        name=f"table, 30-{width}-{width}-10",
        twin="tabular",
        file=NETWORKS / "tabular.net",
        input=(30,),
        classes=10,
        parameters=(*first, *norm(width), *second, *norm(width), *linear(width, 10)),
        batch=batch,
        samples=samples,
        sizes={"width": width},
        dropouts=(width, width),
        batch_norms=(width, width),
    )


WORKLOADS = (
    *(model1(batch) for batch in (1, 10, 100, 1000)),
    *(model2(batch) for batch in (1, 10, 100, 1000)),
    *(classifier(batch) for batch in (32, 128, 512)),
    residual(64),
    lenet(64),
    resnet8(32),
    recurrent(32),
    transformer(16),
    tabular(256),
)
BY_KEY = {workload.key: workload for workload in WORKLOADS}
