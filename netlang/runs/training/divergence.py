"""A training diverges when a loss is no finite number. The message says what to change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netlang.catalogue import registry
from netlang.compiler.ir import Program
from netlang.engine.network import Network
from netlang.engine.pieces import evaluation_samples
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.messages.training import Diverged, NoLoss
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from netlang.catalogue.data import Samples

_LARGE_TARGET = 100.0  # a number to predict that is far from where outputs start


def divergence(
    program: Program, train: Samples, metrics: Mapping[str, float], epoch: int
) -> Diagnostic | None:
    """What is wrong if a loss in ``metrics`` is not finite; None if all are."""
    for path, value in metrics.items():
        if path.endswith(".loss") and not math.isfinite(value):
            kind = "not a number" if math.isnan(value) else "infinite"
            return _no_loss(program, train, kind) or _diverged(program, train, path, kind, epoch)
    return None


def _diverged(program: Program, train: Samples, path: str, kind: str, epoch: int) -> Diverged:
    assert program.optimizer
    lr: Any = program.optimizer.values.get("lr")
    defaults = {one.name: one.default for one in program.optimizer.arguments if not one.required}
    span = program.spans.get("optimizer.lr", program.spans["optimizer"])
    target = _large_target(program, train)
    return Diverged(span, path, kind, epoch, lr, defaults.get("lr"), target)


def _large_target(program: Program, train: Samples) -> float | None:
    """The largest number to predict, if it is large."""
    if program.description and program.description.classes:
        return None
    largest = float(train.some().targets.abs().max())
    return largest if largest > _LARGE_TARGET else None


def _no_loss(program: Program, train: Samples, kind: str) -> NoLoss | None:
    """What is wrong if the loss was not finite before the first step: no step made it so."""
    assert program.loss
    network = Network(program.graph, program.seed).eval()
    piece = evaluation_samples(program.graph)
    with torch.inference_mode():
        some = train.some()
        outputs = network.forward(some.inputs[:piece])
        if program.loss.value(outputs, some.targets[:piece]).isfinite():
            return None
    expects = program.loss.expects
    layers = registry.layers_giving(expects, program.graph.output) if expects else ()
    return NoLoss(program.spans["loss"], program.loss.name, kind, layers)
