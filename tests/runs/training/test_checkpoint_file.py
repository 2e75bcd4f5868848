"""The file of a checkpoint is read as it was written, or refused whole."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from netlang.compiler.passes import compile_source
from netlang.engine import pieces
from netlang.language.diagnostics import NetError
from netlang.language.source import SourceFile
from netlang.runs.training.best import BestEpoch
from netlang.runs.training.checkpoint import Checkpoint, Unfit
from netlang.runs.training.checkpoint_file import (
    from_bytes,
    load_checkpoint,
    save_checkpoint,
    to_bytes,
)
from netlang.runs.training.events import EpochDone, LayerNorms, StepsDone
from netlang.runs.training.training import Training
from netlang.system.tensor_file import FileKind, NotReadable
from tests.program import SHARED

FILE = SourceFile("a.net", f"{SHARED}loss = MSE\nmetrics = [accuracy]\nepochs = 3\n")
KIND = FileKind("checkpoint", 3)


@pytest.fixture
def checkpoint(monkeypatch: pytest.MonkeyPatch) -> Checkpoint:
    """One in the middle of the second epoch, where outputs wait to be measured."""
    monkeypatch.setattr(pieces, "_WORK_BUDGET", 1)
    training = Training(compile_source(FILE, to_run=True).require(), "tensor")
    for event in training.events():
        if isinstance(event, StepsDone) and event.epoch == 2 and event.samples > 10:
            break
    return training.checkpoint()


def plain(value: object) -> object:
    """What can be compared; a number stands for its bits."""
    match value:
        case Tensor():
            return value.dtype, value.tolist()
        case float():
            return struct.pack("<d", value)
        case dict():
            return {key: plain(each) for key, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case _:
            return plain(vars(value)) if hasattr(value, "__dict__") else value


def test_a_file_gives_the_checkpoint_back_or_is_refused(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    file = tmp_path / "a.checkpoint"
    save_checkpoint(checkpoint, file)
    assert plain(load_checkpoint(str(file))) == plain(checkpoint)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(NotReadable):
        load_checkpoint(file)
    with pytest.raises(NotReadable, match="no such file"):
        load_checkpoint(tmp_path / "b.checkpoint")


def test_every_field_is_read_as_it_was_written(checkpoint: Checkpoint) -> None:
    odd = {"train.loss": math.nan, "test.loss": math.inf, "a": 0.1 + 0.2, "b": -0.0, "c": 5e-324}
    norms = LayerNorms(0.1, math.inf, math.nan)
    for one in (checkpoint, checkpoint.replace(done=EpochDone(1, odd, 0.5, 1, {"a": norms}, 3e-3))):
        data = to_bytes(one)
        assert to_bytes(one) == data
        read = from_bytes(data)
        assert plain(read) == plain(one)
        assert (type(read.cursor), type(read.sums)) == (type(one.cursor), type(one.sums))
    ((outputs, targets),) = checkpoint.sums.waiting
    assert len(outputs) == len(targets) == 14


def test_the_best_epoch_is_read_as_it_was_written(checkpoint: Checkpoint) -> None:
    best = BestEpoch(2, {"validation.loss": 0.1}, {"parameters": torch.tensor([0.1, 3.0])})
    one = checkpoint.replace(best=best)
    read = from_bytes(to_bytes(one))
    assert plain(read) == plain(one)
    assert isinstance(read.best, BestEpoch)


def test_every_changed_file_is_refused(checkpoint: Checkpoint) -> None:
    data, source = to_bytes(checkpoint), random.Random(0)
    (header,) = struct.unpack_from("<Q", data)
    for _ in range(500):
        changed = bytearray(data)
        end = source.choice((8, 8 + header, len(data)))  # the length, the text, the numbers
        at = source.randrange(end)
        match source.randrange(4):
            case 0:
                changed[at] ^= 1 << source.randrange(8)
            case 1:
                del changed[at:]
            case 2:
                changed[at:at] = source.randbytes(source.randrange(1, 20))
            case _:
                changed[at : at + 8] = source.randbytes(8)
        if changed != data:
            with pytest.raises(NotReadable):
                from_bytes(bytes(changed))


def without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda about: about.pop(name)


@pytest.mark.parametrize(
    "change",
    [
        *map(without, Checkpoint.fields),
        lambda about: about.update(more=1),
        lambda about: about.update(epoch=-1),
        lambda about: about.update(epoch=True),
        lambda about: about.update(cursor=[1]),
        lambda about: about.update(engine=3),
        lambda about: about["sums"].pop("losses"),
        lambda about: about["sums"].update(losses=[[1.0]]),
        lambda about: about["sums"].update(waiting=[[{"tensor": "none"}, {"tensor": "none"}]]),
        lambda about: about["sums"]["metrics"][0].update(right="all"),
        lambda about: about["tensors"].update(m=[1.0]),
    ],
)
def test_what_has_another_form_is_refused_though_its_checksum_is_right(
    checkpoint: Checkpoint, change: Callable[[dict[str, Any]], None]
) -> None:
    tensors, about = KIND.from_bytes(to_bytes(checkpoint))
    change(about["training"])
    with pytest.raises(NotReadable, match="what it says is not what a checkpoint says"):
        from_bytes(KIND.to_bytes(tensors, about))


ODD = (None, True, -1, 0, 1, 7, 1 << 70, 0.5, -1.0, math.nan, math.inf, "", "x", [], {}, [1, 2])


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places in ``data`` where something stands."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from leaves(value, (*path, key))


def other(tensor: Tensor, source: random.Random) -> Tensor:
    """A tensor of another type or shape, or of other numbers."""
    others = (tensor.double(), tensor.long(), tensor[:-1], tensor[None], tensor * math.nan)
    return source.choice(others).clone()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_a_sealed_file_says_is_refused_or_trained(
    checkpoint: Checkpoint, seed: int
) -> None:
    program, source = compile_source(FILE, to_run=True).require(), random.Random(seed)
    tensors, about = KIND.from_bytes(to_bytes(checkpoint))
    places, trained = [*leaves(about["training"])], 0
    for _ in range(60):
        changed, own = deepcopy(about), dict(tensors)
        if source.randrange(4):
            *path, key = source.choice(places)
            reduce(getitem, path, changed["training"])[key] = source.choice(ODD)
        else:
            name = source.choice([*own])
            own[name] = other(own[name], source)
        with suppress(NotReadable, Unfit, NetError):
            training = Training(program, start=from_bytes(KIND.to_bytes(own, changed)))
            assert [*training.events()]
            trained += 1
    assert trained < 30


def test_no_field_is_left_out(checkpoint: Checkpoint) -> None:
    _, about = KIND.from_bytes(to_bytes(checkpoint))
    assert set(about["training"]) == set(Checkpoint.fields)
    assert torch.is_tensor(from_bytes(to_bytes(checkpoint)).tensors["parameters"])
