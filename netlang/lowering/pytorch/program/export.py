"""A program as a file of PyTorch: with ``torch.nn``, ``torch.optim`` and autograd, without netlang.

It means what the .net file means: the same data, initial weights of the same distribution, and the
same loss, batches and optimizer. Only the data is drawn as netlang draws it; all else comes from
torch's own generator.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import netlang
from netlang.catalogue.settings import plain_settings
from netlang.compiler.ir import Program
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.data.units import IN_UNITS
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.model import Model
from netlang.lowering.pytorch.program.augment import augment
from netlang.lowering.pytorch.program.epoch import train_epoch
from netlang.lowering.pytorch.program.kept_weights import begin, load_weights
from netlang.lowering.pytorch.program.loss import loss
from netlang.lowering.pytorch.program.main import main
from netlang.lowering.pytorch.program.measure import measure
from netlang.lowering.pytorch.program.optimizer import make_optimizer
from netlang.lowering.pytorch.program.parts import Parts
from netlang.lowering.pytorch.program.steps import Steps, steps_of
from netlang.lowering.pytorch.program.tables import tables
from netlang.lowering.pytorch.program.written import written
from netlang.system.record import Record
from netlang.system.terminal import visible

# Modules that PyTorch may import, or what reads data: a file beside the program that is called so
# would be imported.
MODULES = sys.stdlib_module_names | {
    "PIL", "filelock", "fsspec", "jinja2", "joblib", "mpmath", "networkx", "numpy", "scipy",
    "sklearn", "sympy", "threadpoolctl", "torch", "typing_extensions",
}  # fmt: skip


class Exported(Record):
    """``source`` is the file; ``modules`` are paths in its ``Model``, by the numbers of nodes."""

    source: str
    modules: Mapping[int, str]


def to_pytorch(program: Program, folder: Path) -> Exported:
    """The program as Python for a file in ``folder``; a network alone becomes a model alone.

    Raises Unsupported.
    """
    model = Model(program.graph)
    definitions, constants = [*model.uses, TorchDefinition(model.source)], ""
    if program.data and program.loss and program.optimizer:
        definitions += _training(_parts(program, model, folder), folder)
        constants = _constants(program)
    return Exported(written(definitions, _head(program), constants), model.paths)


def _parts(program: Program, model: Model, folder: Path) -> Parts:
    assert program.loss
    assert program.data
    return Parts(
        program,
        model,
        lowers.lowered(program.loss, program.graph.output),
        lowers.lowered(program.data, folder),
        steps_of(program, model) if model.has_weights else Steps(),
    )


def _training(parts: Parts, folder: Path) -> Iterator[TorchDefinition]:
    """What a file has below its model, in that order."""
    program, model = parts.program, parts.model
    assert program.optimizer
    changing = augment(program)
    yield from parts.loss.uses
    yield loss(parts)
    yield measure(parts)
    if show_tables := tables(parts):
        yield show_tables
    yield make_optimizer(program.optimizer, model)
    yield parts.load_data(changing)
    yield from changing
    if program.outputs and parts.data.has_units:
        yield TorchDefinition(IN_UNITS)
    yield from parts.steps.definitions
    yield train_epoch(parts)
    if program.beginning:
        yield begin(program.beginning, model, folder)
    yield load_weights(model)
    yield main(parts)


def _head(program: Program) -> str:
    """Where the file comes from."""
    name = visible(program.source.name)
    head = f"# {name} in PyTorch, as netlang {netlang.__version__} writes it.\n"
    changes = (f"# It was read with --set {visible(override)}.\n" for override in program.overrides)
    return head + "".join(changes)


def _constants(program: Program) -> str:
    """The settings, but for those that stand elsewhere: the seed is an argument of the file."""
    named = [name for name in plain_settings() if name not in ("seed", "start", "members")]
    settings = {name: program.settings[name] for name in named if name in program.settings}
    return "".join(f"{name.upper()} = {value!r}\n" for name, value in settings.items())
