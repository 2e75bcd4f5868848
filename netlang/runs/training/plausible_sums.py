"""A checkpoint's sums may be those of a training, or no training can have left them so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netlang.catalogue.metrics import Metric
from netlang.catalogue.targets import NO_CLASS
from netlang.engine import Batches
from netlang.runs.training.measurement import Measurement, Sums
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def may_be_sums(sums: Sums, count: int, batches: Batches, like: Measurement) -> bool:
    """Whether ``sums`` may be those of the first ``count`` samples of an epoch of ``batches``,
    whose outputs a measurement ``like`` that one measures.
    """
    sample, measured = _one_sample(batches, like), like.anew()
    if sums.losses:
        measured.add(*sample)
        measured.values()
    done = sum(samples for _, samples in sums.losses)
    places = bool((batches.targets == NO_CLASS).any())  # not all of which may have a class
    waiting = [len(y) for y, *_ in sums.waiting]
    return (
        len(sums.metrics) == len(measured.metrics)
        and all(
            _may_be_sums(one, metric, done, places)
            for one, metric in zip(sums.metrics, measured.metrics, strict=True)
        )
        and done + sum(waiting) == count
        and sum(waiting) < like.piece
        and all(samples > 0 for _, samples in sums.losses)
        and len({len(means) for means, _ in (*sums.losses, *measured.sums().losses)}) <= 1
        and all(_are_alike(parts, sample) for parts in sums.waiting)
    )


def _one_sample(batches: Batches, like: Measurement) -> list[Tensor]:
    """Outputs of 0, the target and any weight of the first sample."""
    sizes, dtype = like.program.graph.output.sizes, batches.inputs.dtype
    weights = [] if batches.weights is None else [batches.weights[:1]]
    return [torch.zeros(1, *sizes, dtype=dtype), batches.targets[:1], *weights]


def _may_be_sums(sums: Mapping[str, Any], like: Metric, samples: int, places: bool) -> bool:
    """Whether ``sums`` may be those of so many ``samples``, where those of ``like`` are of one. Of
    ``places`` that may have no class, there may be fewer or more.
    """
    one, count = like.sums(), sums.get("count")
    if not isinstance(count, int) or sums.keys() != one.keys():
        return False
    rows = {name: count if name in like.keeps else None for name in sums}
    return (places or count == like.count * samples) and all(
        _form(value, rows[name]) == _form(one[name], like.count if rows[name] is not None else None)
        for name, value in sums.items()
    )


def _form(value: object, rows: int | None = None) -> object:
    """What kind of number it is; a Sum may be a list, as a file holds it. A tensor that has so many
    ``rows`` may have others in their place.
    """
    if isinstance(value, torch.Tensor):
        shape = [*value.shape]
        if rows is not None and shape and shape[0] == rows:
            shape[0] = -1
        return value.dtype, shape
    return [float, float] if isinstance(value, list | tuple) and len(value) == 2 else type(value)


def _are_alike(tensors: Sequence[Tensor], others: Sequence[Tensor]) -> bool:
    """Whether both are as many, each of as many samples, of the same shape and type."""
    return (
        len(tensors) == len(others)
        and len({len(one) for one in tensors}) == 1
        and all(
            one.dtype == other.dtype and one.shape[1:] == other.shape[1:]
            for one, other in zip(tensors, others, strict=True)
        )
    )
