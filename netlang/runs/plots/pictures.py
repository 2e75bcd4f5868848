"""The pictures of a trained network: what it says of samples that it was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.catalogue.data import Split
from netlang.catalogue.metrics import confusion
from netlang.catalogue.targets import NO_CLASS, classes_of
from netlang.compiler.ir import Program
from netlang.engine.network import Network
from netlang.runs.plots import (
    decision,
    draw_confusion,
    draw_decisions,
    draw_embedding,
    draw_filters,
    draw_predicted,
    has_plane,
)
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

    Outputs = Callable[[Tensor], Tensor]

Picture = Callable[[Path], None]  # draws itself into a file


def pictures(program: Program, evaluate: Outputs, split: Split) -> Mapping[str, Picture]:
    """The pictures of a network, whose outputs ``evaluate`` gives, by the names of their files.

    They raise Unusable where matplotlib cannot draw, and OSError.
    """
    found, samples, loss = program.description, split.judged, program.loss
    assert found
    assert loss
    name = program.source.name
    if found.judged != "test":
        name = f"{name}, {found.judged} data"

    def predict(inputs: Tensor) -> Tensor:
        return loss.prediction(evaluate(inputs))

    def decisions(file: Path) -> None:
        border = program.data.border() if program.data else None
        draw_decisions([[decision(name, predict, split, border)]], file)

    def matrix(file: Path) -> None:
        assert found.classes
        counts = torch.zeros(len(found.classes), len(found.classes), dtype=torch.int64)
        for piece in samples.pieces():
            known, predicted = piece.targets != NO_CLASS, classes_of(predict(piece.inputs))
            counts += confusion(predicted[known], piece.targets[known], len(found.classes)).cpu()
        accuracy = counts.diagonal().sum().double() / counts.sum()
        draw_confusion(f"{name}: accuracy {accuracy:.3f}", found.classes, counts, file)

    def numbers(file: Path) -> None:
        each = [(predict(piece.inputs), piece.targets) for piece in samples.pieces()]
        predicted, true = map(torch.cat, zip(*each, strict=True))
        names: Sequence[str] = ["target"] * found.targets
        if pipeline := split.pipeline:
            names = pipeline.target
            predicted, true = pipeline.to_values(predicted), pipeline.to_values(true)
        predicted, true = (one.reshape(-1, len(names)) for one in (predicted, true))
        draw_predicted(name, names, predicted, true, file)

    if found.task == "regression":
        return {"predicted.png": numbers}
    if found.task != "classification":
        return {}
    plane = {"decision.png": decisions} if has_plane(program, split) else {}
    return {"confusion.png": matrix, **plane}


def pictures_of_weights(program: Program, network: Network) -> Mapping[str, Picture]:
    """The pictures of the first filters and of embeddings, by the names of their files.

    They raise Unusable where matplotlib cannot draw, and OSError.
    """
    found: dict[str, Picture] = {}
    filters_are_drawn = False
    for node, layer in zip(program.graph.nodes, network.modules, strict=True):
        weight = getattr(layer, "weight", None)
        if node.shares or weight is None:
            continue
        title = f"{node.name} of {program.source.name}"
        if layer.takes == "tokens" and weight.dim() == 2:
            labels = _names_of_tokens(program, len(weight))
            found[f"{node.name}.png"] = partial(draw_embedding, title, weight, labels)
        elif weight.dim() == 4 and not filters_are_drawn:
            found[f"{node.name}.png"] = partial(draw_filters, title, weight)
            filters_are_drawn = True
    return found


def _names_of_tokens(program: Program, count: int) -> Sequence[str]:
    """What the data call their tokens, where they predict these, too."""
    about = program.description
    is_text = about and about.input.vocabulary == count and len(about.classes or ()) == count
    return (about.classes or ()) if about and is_text else ()
