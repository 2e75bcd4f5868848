"""What an export says, as Python objects."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from netlang.compiler.ir import Graph, Program
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from netlang.lowering.pytorch import Exported, to_pytorch
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchLoss, TorchMetric
from tests.graphs import SOURCE


def compiled(text: str, name: str = "a.net", path: Path | None = None) -> Program:
    return compile_source(SourceFile(name, text, path)).require()


def alone(graph: Graph) -> Program:
    """A program of a network and nothing else."""
    return Program(SOURCE, (), (), (), graph, {"epochs": 1, "batch": 1, "seed": 0}, {}, None, ())


def executed(source: str, file: Path = Path("written.py")) -> Any:
    """The names that the written file defines; it believes that it is ``file``."""
    names: dict[str, Any] = {"__name__": "written", "__file__": str(file)}
    exec(compile(source, str(file), "exec"), names)
    return SimpleNamespace(**names)


def known_to(said: TorchLoss | TorchMetric) -> dict[str, Any]:
    """The names that the text of a loss or metric may use, except ``y`` and ``t``."""
    names: dict[str, Any] = {"torch": torch, "F": torch.nn.functional, "math": math}
    _define(said.uses, names)
    return names


def _define(definitions: Iterable[TorchDefinition], names: dict[str, Any]) -> None:
    for one in definitions:
        _define(one.uses, names)
        exec(one.source, names)


def weights(network: Network, exported: Exported, model: Any) -> Iterator[tuple[Tensor, Any]]:
    """Each gradient of ours, and the twin's weight, which is given our value."""
    for place, number in {place: number for number, place in exported.modules.items()}.items():
        layer = network.modules[number]
        for name in layer.declared_weights():
            theirs = getattr(model.get_submodule(place), name)
            with torch.no_grad():
                theirs.copy_(getattr(layer, name))
            yield getattr(layer, f"{name}_grad"), theirs


def written(program: Program, folder: Path = Path()) -> tuple[Exported, Any]:
    exported = to_pytorch(program, folder.resolve())
    return exported, executed(exported.source, folder.resolve() / "written.py")


def assert_laid_out(sources: list[str], folder: Path) -> None:
    """Whether a formatter would leave the files as they are."""
    for number, source in enumerate(sources):
        (folder / f"export{number}.py").write_text(source)
    asked = ["ruff", "format", "--isolated", "--diff", "."]
    done = subprocess.run(asked, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
