"""A network that Keras has saved becomes one in netlang's layers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from netlang.imports.foreign_graph import ForeignGraph, ForeignInput, ForeignLayer
from netlang.imports.keras import layers as layers
from netlang.imports.keras.file import KerasFile, KerasLayer, keras_file
from netlang.imports.keras.teller import Teller
from netlang.imports.refused import Refused, check_rank

_OPTIMIZERS = {
    name.lower(): name
    for name in ("Adam", "AdamW", "SGD", "RMSprop", "Adagrad", "Adadelta", "Nadam", "Lion")
} | {"nadam": "NAdam"}
_LOSSES = {
    "mse": "MSE",
    "mean_squared_error": "MSE",
    "mae": "MAE",
    "mean_absolute_error": "MAE",
    "huber": "Huber",
    "log_cosh": "LogCosh",
    "binary_crossentropy": "BinaryCrossEntropy",
    "categorical_crossentropy": "SoftmaxCrossEntropy",
    "sparse_categorical_crossentropy": "SoftmaxCrossEntropy",
}
_NO_HDF5 = "The weights of the file are in HDF5, and stay there: netlang draws new ones."
_SOFTMAX = "The softmax at the end is a part of the loss here."


def read_keras(path: Path, data: bytes, input: tuple[int, ...] | None = None) -> ForeignGraph:
    """The network in a JSON or a ``.keras`` file; ``input`` is the shape of a sample of its first
    input, in the place of what it says.

    Raises Refused.
    """
    file = keras_file(data)
    given = [one for one in file.layers if one.kind == "InputLayer"]
    if not given:
        raise Refused("it does not say the shape of its input")
    if input:
        check_rank(given[0].name, _said_sizes(given[0]), input)
    inputs = {given[0].name: input or _sizes(given[0])}
    inputs |= {one.name: _sizes(one) for one in given[1:]}
    is_last = any(one.get("data_format") == "channels_last" for one in file.layers)
    teller = Teller(inputs, is_last)
    for one in file.layers:
        if one.kind != "InputLayer":
            teller.tell(one)
    outputs = tuple(teller.straight(teller.views[name]).layer for name in file.outputs)
    if file.has_weights:
        teller.remark(_NO_HDF5)
    settings = _settings(file)
    said, ends = _without_softmax(teller, settings, outputs)
    found = tuple(
        ForeignInput(name, tuple(axis[0].size for axis in teller.views[name].own[1:]))
        for name in inputs
    )
    name = file.name or path.stem
    return ForeignGraph(name, found, said, ends, settings, tuple(teller.remarks))


def _sizes(one: KerasLayer) -> tuple[int, ...]:
    """Raises Refused if a size of the input is not known."""
    sizes = _said_sizes(one)
    if sizes and all(isinstance(size, int) and size > 0 for size in sizes):
        return tuple(sizes)
    says = f"the shape {[size or '_' for size in sizes]}" if sizes else "no shape"
    raise Refused(
        f"its input `{one.name}` has {says} for a sample",
        "say its sizes, such as `--input 224,224,3`",
    )


def _said_sizes(one: KerasLayer) -> tuple[Any, ...]:
    """The sizes of a sample as the file says them: none, or some that are None, if it does not."""
    given = one.get("batch_shape") or one.get("batch_input_shape") or one.get("shape")
    return tuple(given[1:]) if isinstance(given, list) else ()


def _settings(file: KerasFile) -> dict[str, str]:
    """The loss and the optimizer, as far as the file says them in words of netlang's."""
    found: dict[str, str] = {}
    loss, optimizer = file.compiled.get("loss"), file.compiled.get("optimizer")
    if isinstance(loss, dict) and "class_name" in loss:
        loss = _snake(str(loss["class_name"]))
    if isinstance(loss, str) and loss in _LOSSES:
        found["loss"] = _LOSSES[loss]
    about: dict[str, Any] = {}
    if isinstance(optimizer, dict) and isinstance(optimizer.get("config"), dict):
        about, optimizer = optimizer["config"], optimizer.get("class_name")
    name = _OPTIMIZERS.get(str(optimizer).lower())
    if name:
        rate = about.get("learning_rate", about.get("lr"))
        is_plain = isinstance(rate, float | int) and rate > 0
        found["optimizer"] = f"{name}(lr={float(f'{rate:.7g}')!r})" if is_plain else name
    return found


def _snake(name: str) -> str:
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in name).lstrip("_")


def _without_softmax(
    teller: Teller, settings: Mapping[str, str], outputs: tuple[str, ...]
) -> tuple[tuple[ForeignLayer, ...], tuple[str, ...]]:
    """The layers and outputs where the loss takes what stands before a softmax."""
    said = tuple(teller.layers)
    if settings.get("loss") != "SoftmaxCrossEntropy" or len(outputs) != 1:
        return said, outputs
    last = next(one for one in said if one.name == outputs[0])
    if last.call != "Softmax":
        return said, outputs
    teller.remark(_SOFTMAX)
    return tuple(one for one in said if one is not last), last.inputs
