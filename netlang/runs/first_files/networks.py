"""A first network for samples: which one their shape and their targets ask for."""

from __future__ import annotations

from collections.abc import Iterator

from netlang.catalogue.data import Description
from netlang.language.shapes import Shape
from netlang.runs.first_files.judging import metrics

_LEAST_SIDE = 4  # rows and columns that are left of pictures, at least
_STAGES = 3  # of convolutions, at most
_LARGE = 10_000  # samples, for large batches
_STEPS = 40_000  # of training, about, at most


def network(described: Description) -> Iterator[str]:
    """The lines of a setting ``net``."""
    shape = described.input
    if shape.tokens:
        yield from _of_tokens(described)
    elif shape.padded:
        yield "net = GRU(_, 64) -> Last -> Dropout(0.2) -> Linear(_, _)"
    elif len(shape.sizes) == 3:
        yield from _of_pictures(shape)
    else:
        yield "hidden = 64  # numbers in each hidden layer: `--set hidden=128` tries another"
        yield ""
        first = "Flatten -> Linear(_, hidden)" if len(shape.sizes) > 1 else "Linear(_, hidden)"
        yield f"net = {first} -> ReLU -> Dropout(0.1)"
        yield "   -> Linear(hidden, hidden) -> ReLU -> Dropout(0.1)"
        yield "   -> Linear(hidden, _)"


def _of_tokens(described: Description) -> Iterator[str]:
    if described.target_shape and described.classes:  # a class at each place
        yield "net = Embedding(_, 64) -> GRU(_, 128) -> Linear(_, _)"
    else:
        yield "net = Embedding(_, 32) -> LSTM(_, 64) -> Last -> Dropout(0.2) -> Linear(_, _)"


def _of_pictures(shape: Shape) -> Iterator[str]:
    """Convolutions, with half as many rows and columns and twice as many channels each time."""
    side, channels = min(size for size in shape.sizes[1:] if isinstance(size, int)), 16
    first = f"net = ConvBlock({channels})"
    for _ in range(_STAGES - 1):
        if side // 2 < _LEAST_SIDE:
            break
        side, channels = side // 2, 2 * channels
        yield f"{first} -> MaxPool2d(2)"
        first = f"   -> ConvBlock({channels})"
    yield first
    yield "   -> GlobalAvgPool -> Dropout(0.2) -> Linear(_, _)"


def training(described: Description, epochs: int = 100) -> Iterator[str]:
    """The lines of the other settings that training needs."""
    samples = described.train
    batch = 256 if samples > _LARGE else 32
    while 2 * batch > samples and batch > 1:
        batch //= 2
    epochs = max(5, min(epochs, _STEPS * batch // max(1, samples)))
    yield "loss = SoftmaxCrossEntropy" if described.classes else "loss = MSE"
    yield from metrics(described)
    yield f"optimizer = Adam(lr={'5e-3' if described.input.tokens else '1e-3'})"
    if described.validation:
        yield "stop = Best(validation.loss)  # gives back the weights of the best epoch"
    yield f"epochs = {epochs}"
    yield f"batch = {batch}"
    if len(described.input.sizes) == 3:
        yield "# augment = Flip -> Crop(2)  # if they mean the same from left to right, and moved"
