"""Sequences of unequal length become one array, which is padded, and the lengths of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netlang.api.frames import array_of, unfit
from netlang.catalogue.data.arrays.ends import check_inside, check_lengths, ended
from netlang.catalogue.data.arrays.opened import Refused
from netlang.catalogue.data.pipeline import ArrayPipeline
from netlang.system.lazy import np

LENGTHS = "lengths"  # what the array is called that says how long they are


def sequences_in(X: Any, of_tokens: bool = False) -> tuple[Any, Any] | None:
    """The sequences of a list, [t, *] each, in one array [N, T, *], with 0 behind the end of each,
    and their lengths [N]; None where it is no list of such, or all are equally long.

    Rows [t] are sequences where they are ``of_tokens``.
    """
    if not isinstance(X, list | tuple) or not X:
        return None
    try:
        each = [np.asarray(one) for one in X]
    except (ValueError, TypeError, RuntimeError):
        return None
    least = 1 if of_tokens else 2
    if any(one.ndim < least or one.dtype.kind not in "biuf" for one in each):
        return None
    lengths = np.array([len(one) for one in each])
    if len({one.shape[1:] for one in each}) > 1 or len({*lengths.tolist()}) == 1:
        return None
    return np.stack([_longer(one, int(lengths.max())) for one in each]), lengths


def of_training(X: Any, pipeline: ArrayPipeline) -> Any:
    """Sequences X as training had them, with NaN behind their ends: a list of them, an array
    [N, t, *], or a dict of one and of the lengths.

    Shape: [N, T, *].  Raises NetError, and TypeError for what is no array.
    """
    if found := sequences_in(X, pipeline.tokens is not None):
        samples, lengths = found
    elif isinstance(X, Mapping):
        if missing := next((n for n in (pipeline.name, pipeline.lengths) if n not in X), None):
            help = f"give a dict of `{pipeline.name}` and `{pipeline.lengths}`"
            raise unfit("X", f"X lacks the array `{missing}`", help)
        samples, lengths = array_of(X[pipeline.name]), array_of(X[pipeline.lengths])
    else:
        samples, lengths = array_of(X), None
    steps = pipeline.shape[0]
    if samples.ndim < 2 or samples.shape[1] > steps:
        return samples  # which does not fit
    if lengths is None and samples.shape[1] < steps:
        lengths = np.full(len(samples), samples.shape[1])
    if lengths is None:
        return samples
    try:
        check_lengths(lengths, pipeline.lengths, len(samples), samples.shape[1])
        check_inside(samples, lengths)
    except Refused as why:
        raise unfit("X", f"X cannot be used: {why.reason}", why.help) from None
    whole = np.stack([_longer(one, steps) for one in samples])
    return ended(whole, lengths)


def _longer(one: Any, steps: int) -> Any:
    """A sequence [t, *] with zeros behind its end, as long as so many ``steps``."""
    return np.concatenate([one, np.zeros((steps - len(one), *one.shape[1:]), one.dtype)])
