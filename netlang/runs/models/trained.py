"""A trained model is read from a run's folder or a model file, and is ready to be used.

No code in it is run, and no file that it names is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlang.catalogue.own import changed_since, hash_of, trained_without
from netlang.compiler.ir import Graph, Program
from netlang.compiler.passes import compile_source
from netlang.engine import Engine, choose
from netlang.engine.network import Network
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.messages.models import (
    ModelUnreadable,
    OtherShape,
    OtherTensors,
)
from netlang.language.diagnostics.messages.plugins import PluginMissing
from netlang.language.run_record import PLUGIN
from netlang.language.source import SourceFile
from netlang.lowering.trained import TrainedProgram
from netlang.runs.models.model_path import model_path, why_no_model
from netlang.runs.training.model_file import ModelFile
from netlang.system.lazy import torch
from netlang.system.record import Record
from netlang.system.tensor_file import NotReadable, read_file

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor


class TrainedModel(Record):
    """What the model file ``kept`` holds, its ``program``, and ``engine``, which evaluates.

    ``warnings`` say what is not as it was when it was trained. If the network is there in C, that
    is asked in the place of the engine.
    """

    kept: ModelFile
    program: Program
    engine: Engine
    warnings: tuple[Diagnostic, ...] = ()
    compiled: Callable[[NDArray[Any]], NDArray[Any]] | None = None

    @property
    def network(self) -> Network:
        return self.engine.network

    @property
    def is_in_c(self) -> bool:
        return bool(self.compiled) or self.engine.name == "native"

    @property
    def trained_program(self) -> TrainedProgram:
        """What a language needs to say it."""
        kept = self.kept
        return TrainedProgram(self.program, kept.tensors, kept.pipeline, kept.metrics)

    def outputs(self, inputs: Tensor) -> Tensor:
        """The network's outputs for ``inputs``, dropout off.  Shape: [N, *] -> [N, *]."""
        if self.compiled:
            return torch.from_numpy(self.compiled(inputs.numpy()))
        return torch.cat([*self.engine.evaluate(inputs)])

    def in_c(self, for_many: bool = False) -> TrainedModel:
        """The same model, whose network is compiled C, for a lone sample first, or for many.

        Raises Unsupported where a layer has no C, and NotCompiled where that cannot be compiled.
        """
        from netlang.engine.native.inference import (
            CompiledNetwork,
        )  # who compiles nothing loads none

        return self.replace(compiled=CompiledNetwork(self.engine.descent.result, for_many))


def load_model(named: str, backend: str = "tensor") -> TrainedModel:
    """The model that ``named``, the folder of a run or a model file, stands for; ``backend``
    evaluates it.

    Raises NetError for what is no model, or not as it was written, and ValueError for no
    backend of netlang.engine.BACKENDS.
    """
    path = model_path(named)
    return model_in(_read(path), path, backend)


def model_in(kept: ModelFile, path: Path, backend: str = "tensor") -> TrainedModel:
    """The model that a file at ``path`` was found to keep.  Raises as ``load_model`` does."""
    source = SourceFile(kept.name, kept.texts[kept.name], Path(kept.name), together=kept.texts)
    made = compile_source(source, kept.overrides, to_run=True, described=kept.description)
    plugins = {name: hash_of(text) for name, text in kept.texts.items() if name.endswith(PLUGIN)}
    if made.program is None and (missing := trained_without(plugins)):
        raise NetError(PluginMissing(None, str(path), missing))
    if made.program is None:
        wrong = next(one for one in made.diagnostics if one.is_error).message().title
        versions = ", ".join(f"{name} {version}" for name, version in kept.versions.items())
        help = f"the version of netlang that trained it may read it: {versions}"
        raise _unreadable(path, f"its program has an error: {wrong}", help)
    program = made.program
    _check_tensors(kept.tensors, program.graph, path)
    network = Network(program.graph, program.seed)
    for name, tensor in network.named_tensors().items():
        tensor.copy_(kept.tensors[name])
    assert program.loss
    assert program.optimizer
    loss = program.loss.anew()
    optimizer = program.optimizer.anew(network)
    engine = choose(backend, program, network, loss, optimizer)
    return TrainedModel(kept, program, engine, changed_since(plugins, str(path)))


def _read(path: Path) -> ModelFile:
    """Raises NetError."""
    try:
        return read_file(path, ModelFile.from_bytes)
    except NotReadable as error:
        reason, help = why_no_model(path)
        raise _unreadable(path, reason or str(error), help or error.help) from None


def _unreadable(path: Path, reason: str, help: str) -> NetError:
    found = ModelUnreadable(None, str(path), reason)
    return NetError(found.replace(help=help) if help else found)


def _check_tensors(kept: Mapping[str, Tensor], graph: Graph, path: Path) -> None:
    """Raises NetError unless the tensors that are ``kept`` are those of the graph, before
    any memory is taken for a network that may be far larger than they are.
    """
    own = {name: tensor.shape for name, tensor in graph.tensors.items()}
    missing, surplus = sorted(own.keys() - kept), sorted(kept.keys() - own)
    shapes = [
        OtherShape(name, tuple(kept[name].shape), own[name])
        for name in sorted(own.keys() & kept.keys())
        if tuple(kept[name].shape) != own[name]
    ]
    if missing or surplus or shapes:
        other = OtherTensors(None, str(path), tuple(missing), tuple(surplus), tuple(shapes))
        raise NetError(other)
    if odd := [name for name in sorted(kept) if not kept[name].is_floating_point()]:
        what = f"the numbers of `{odd[0]}` are of the type {kept[odd[0]].dtype}, and no weights"
        raise _unreadable(path, what, "")
