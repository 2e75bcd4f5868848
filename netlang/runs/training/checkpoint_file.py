"""A checkpoint as a file: a training goes on from it in another process, to the same bits."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlang.engine import BACKENDS, Cursor
from netlang.runs.training.best import BestEpoch
from netlang.runs.training.checkpoint import Checkpoint
from netlang.runs.training.events import EpochDone, LayerNorms
from netlang.runs.training.measurement import Sums
from netlang.system.files import write_whole
from netlang.system.lazy import torch
from netlang.system.record import Record
from netlang.system.tensor_file import FileKind, NotReadable, read_file

if TYPE_CHECKING:
    from torch import Tensor

CHECKPOINT_FILE = "checkpoint.safetensors"
_KIND = FileKind("checkpoint", 3)
_TENSOR = "tensor"  # the key of an object that stands in the text for the tensor that it names

_MOST = 1 << 63  # which no count comes near, while JSON has numbers of any length

_Test = Callable[[object], bool]


def save_checkpoint(checkpoint: Checkpoint, path: str | Path) -> None:
    """Write a checkpoint into the file ``path``, which then holds it whole, or stays as it was.

    Raises OSError.
    """
    write_whole(Path(path), to_bytes(checkpoint))


def load_checkpoint(path: str | Path) -> Checkpoint:
    """The checkpoint in the file ``path``. No code in it is run.

    Raises NotReadable, which is a ValueError, for a file that is none, or not as it was written.
    """
    return read_file(Path(path), from_bytes)


def to_bytes(checkpoint: Checkpoint) -> bytes:
    """The file of a checkpoint."""
    tensors: dict[str, Tensor] = {}
    return _KIND.to_bytes(tensors, {"training": _packed(checkpoint, "", tensors)})


def from_bytes(data: bytes) -> Checkpoint:
    """The checkpoint in the file ``data``.  Raises NotReadable."""
    tensors, about = _KIND.from_bytes(data)
    found = _unpacked(about.get("training"), tensors)
    if not _is_checkpoint(found):
        raise NotReadable("what it says is not what a checkpoint says")
    done, best = found["done"], found["best"]
    records = {
        "cursor": Cursor(*found["cursor"]),
        "sums": Sums(**found["sums"]),
        "done": done and _epoch_done(**done),
        "best": best and BestEpoch(**best),
    }
    return Checkpoint(**found | records)


def _epoch_done(layers: Mapping[str, Mapping[str, float]], **others: Any) -> EpochDone:
    return EpochDone(**others, layers={name: LayerNorms(**one) for name, one in layers.items()})


def epochs_done(data: bytes) -> int:
    """How many epochs are done in the checkpoint in the file ``data``, of which the tensors are not
    looked at.  Raises NotReadable.
    """
    match _KIND.about(data):
        case {"training": {"done": {"epoch": int(epoch)}}}:
            return epoch
    return 0


def _packed(value: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    """``value`` as JSON holds it. Tensors in it go into ``tensors``, each by where it stands."""
    if isinstance(value, torch.Tensor):
        tensors[name] = value
        return {_TENSOR: name}
    if isinstance(value, Record):
        value = value.as_dict()
    inner = f"{name}." if name else ""
    if isinstance(value, Mapping):
        return {key: _packed(each, f"{inner}{key}", tensors) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_packed(each, f"{inner}{number}", tensors) for number, each in enumerate(value)]
    return value


def _unpacked(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """What ``_packed`` made ``value`` of, where lists may have been tuples, and dicts records."""
    match value:
        case {"tensor": str(name)} if len(value) == 1:
            return tensors.get(name)
        case dict():
            return {key: _unpacked(each, tensors) for key, each in value.items()}
        case list():
            return [_unpacked(each, tensors) for each in value]
        case _:
            return value


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_engine(value: object) -> bool:
    return value in BACKENDS and value != "auto"


def _is_whole(value: object) -> bool:
    return type(value) is int and 0 <= value < _MOST


def _is_number(value: object) -> bool:
    return type(value) is float or (type(value) is int and abs(value) < _MOST)


def _is_time(value: object) -> bool:
    return _is_number(value) and isinstance(value, int | float) and 0 <= value < math.inf


def _is_tensor(value: object) -> bool:
    return isinstance(value, torch.Tensor)


def _is_sum(value: object) -> bool:
    """Whether it may be one of the sums of a metric."""
    return _is_number(value) or _is_tensor(value) or _are(_is_number, _is_number)(value)


def _are_outputs(value: object) -> bool:
    """Whether it may be outputs and targets of some samples, and their weights if they have any."""
    return _each(_is_tensor)(value) and isinstance(value, list) and len(value) in (2, 3)


def _each(test: _Test) -> _Test:
    return lambda value: isinstance(value, list) and all(map(test, value))


def _named(test: _Test) -> _Test:
    return lambda value: isinstance(value, dict) and all(map(test, value.values()))


def _are(*tests: _Test) -> _Test:
    """A list of as many values, each of which its own test takes."""
    return lambda value: (
        isinstance(value, list)
        and len(value) == len(tests)
        and all(test(each) for test, each in zip(tests, value, strict=True))
    )


def _is_none_or(test: _Test) -> _Test:
    return lambda value: value is None or test(value)


def _has(**tests: _Test) -> _Test:
    """A dict of just these names."""
    return lambda value: (
        isinstance(value, dict)
        and value.keys() == tests.keys()
        and all(test(value[name]) for name, test in tests.items())
    )


_is_checkpoint = _has(  # a test for each field of Checkpoint
    program=_named(_is_text),
    engine=_is_engine,
    threads=_is_whole,
    versions=_named(_is_text),
    epoch=_is_whole,
    cursor=_are(_is_whole, _is_whole),
    steps=_is_whole,
    tensors=_named(_is_tensor),
    sums=_has(
        losses=_each(_are(_each(_are(_is_number, _is_number)), _is_whole)),
        metrics=_each(_named(_is_sum)),
        waiting=_each(_are_outputs),
    ),
    epoch_seconds=_is_time,
    earlier_seconds=_is_time,
    done=_is_none_or(
        _has(
            epoch=_is_whole,
            metrics=_named(_is_number),
            seconds=_is_time,
            best=_is_whole,
            layers=_named(_has(gradient=_is_number, weight=_is_number, update=_is_number)),
            lr=_is_none_or(_is_number),
        )
    ),
    before=_is_none_or(_named(_is_tensor)),
    best=_is_none_or(_has(epoch=_is_whole, metrics=_named(_is_number), tensors=_named(_is_tensor))),
)
