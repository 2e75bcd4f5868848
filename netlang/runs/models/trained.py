"""A trained model is read from a run's folder or a model file, and is ready to be used.

No code in it is run, and no file that it names is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine import Engine, choose
from netlang.engine.network import Network
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.messages.models import (
    ModelUnreadable,
    OtherShape,
    OtherTensors,
)
from netlang.language.source import SourceFile
from netlang.runs.models.model_path import model_path
from netlang.runs.training.model_file import ModelFile
from netlang.system.lazy import torch
from netlang.system.record import Record
from netlang.system.tensor_file import NotReadable, read_file

if TYPE_CHECKING:
    from torch import Tensor


class TrainedModel(Record):
    """What the model file ``kept`` holds, its ``program``, and ``engine``, which evaluates."""

    kept: ModelFile
    program: Program
    engine: Engine

    @property
    def network(self) -> Network:
        return self.engine.network

    def outputs(self, inputs: Tensor) -> Tensor:
        """The network's outputs for ``inputs``, dropout off.  Shape: [N, *] -> [N, *]."""
        return torch.cat([*self.engine.evaluate(inputs)])


def load_model(named: str, backend: str = "tensor") -> TrainedModel:
    """The model that ``named``, the folder of a run or a model file, stands for; ``backend``
    evaluates it.

    Raises DiagnosticError for what is no model, or not as it was written, and ValueError for no
    backend of netlang.engine.BACKENDS.
    """
    path = model_path(named)
    kept = _read(path)
    source = SourceFile(kept.name, kept.texts[kept.name], Path(kept.name), together=kept.texts)
    made = compile_source(source, kept.overrides, to_run=True, described=kept.description)
    if made.program is None:
        wrong = next(one for one in made.diagnostics if one.is_error).message().title
        versions = ", ".join(f"{name} {version}" for name, version in kept.versions.items())
        help = f"the version of netlang that trained it may read it: {versions}"
        raise _unreadable(path, f"its program has an error: {wrong}", help)
    program = made.program
    network = Network(program.graph, program.seed)
    _fill(network.named_tensors(), kept.tensors, path)
    assert program.loss
    assert program.optimizer
    loss = type(program.loss).declared(program.loss.values)
    optimizer = type(program.optimizer).over(network, program.optimizer.values)
    return TrainedModel(kept, program, choose(backend, program, network, loss, optimizer))


def _read(path: Path) -> ModelFile:
    """Raises DiagnosticError."""
    try:
        return read_file(path, ModelFile.from_bytes)
    except NotReadable as error:
        raise _unreadable(path, str(error), error.help) from None


def _unreadable(path: Path, reason: str, help: str) -> DiagnosticError:
    found = ModelUnreadable(None, str(path), reason)
    return DiagnosticError(found.replace(help=help) if help else found)


def _fill(own: Mapping[str, Tensor], kept: Mapping[str, Tensor], path: Path) -> None:
    """Copy the tensors that are ``kept`` into a network's.

    Raises DiagnosticError unless they have the same names and shapes.
    """
    missing, surplus = sorted(own.keys() - kept), sorted(kept.keys() - own)
    shapes = [
        OtherShape(name, tuple(kept[name].shape), tuple(own[name].shape))
        for name in sorted(own.keys() & kept.keys())
        if own[name].shape != kept[name].shape
    ]
    if missing or surplus or shapes:
        other = OtherTensors(None, str(path), tuple(missing), tuple(surplus), tuple(shapes))
        raise DiagnosticError(other)
    for name, tensor in own.items():
        tensor.copy_(kept[name])
