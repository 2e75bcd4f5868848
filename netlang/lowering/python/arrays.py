"""What an exported file does with arrays: it has copies of these functions.

They take and refuse what netlang's pipelines take and refuse, in NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from netlang.catalogue.data.arrays.ends import ended
from netlang.system.lazy import np

Array: TypeAlias = Any


def array_of(
    samples: Any,
    name: str,
    shape: Sequence[int],
    lengths: str = "",
    tokens: int | None = None,
    alone: bool = True,
) -> Array:
    """The array of that name, with NaN behind the ends of its sequences, where an array of lengths
    says them. If it is alone, it may come without a name, and one without a name is the first.

    Shape: [N, *shape] float64.
    """
    given = samples
    if hasattr(samples, "keys"):
        name = name or next(iter(samples), "samples")
        if name not in samples:
            raise ValueError(f"there is no array `{name}`")
        given = samples[name]
    elif alone:
        name = name or "samples"
    else:
        raise ValueError(f"samples are arrays by their names, and `{name}` is one")
    found = np.asarray(given)
    if found.dtype.kind not in "biuf":
        raise ValueError(f"`{name or 'samples'}` takes numbers, not {found.dtype}")
    sizes, own = ([size for size in one if size != 1] for one in (found.shape[1:], shape))
    if not found.ndim or sizes != own:
        wanted = ", ".join(map(str, ["N", *shape]))
        raise ValueError(
            f"`{name or 'samples'}` takes an array [{wanted}], and this is {[*found.shape]}"
        )
    found = found.reshape(len(found), *shape).astype(np.float64)
    if lengths and hasattr(samples, "keys") and lengths in samples:
        found = ended(found, lengths_of(samples[lengths], lengths, found))
    check(found, name, bool(lengths), tokens)
    return found


def lengths_of(lengths: Any, name: str, samples: Array) -> Array:
    """How many steps each of the samples [N, T, *] has, which are whole numbers from 1 to T."""
    found = np.asarray(lengths).reshape(-1)
    if found.dtype.kind not in "iu" or len(found) != len(samples):
        raise ValueError(
            f"`{name or 'samples'}` takes a whole number for each of {len(samples)} samples"
        )
    wrong = (found < 1) | (found > samples.shape[1])
    if wrong.any():
        at = wrong.argmax()
        about = f"and lengths are from 1 to {samples.shape[1]}"
        raise ValueError(f"the length of sample {at + 1} is {found[at]}, {about}")
    return found


def check(samples: Array, name: str, ends: bool, tokens: int | None) -> None:
    """Refuse numbers that a network cannot take. Where samples have ends, NaN is behind them."""
    rows = samples.reshape(*samples.shape[: 1 + ends], -1) if len(samples) else samples
    lacks = np.isnan(rows)
    wrong = np.abs(rows) > 3.4028234663852886e38
    if not ends:
        wrong |= lacks
    refuse(wrong, name, "holds NaN, infinity or a number beyond 3.4e38")
    if ends:
        whole = lacks.reshape(*samples.shape[:2], -1)
        behind = np.logical_or.accumulate(whole.any(2), 1)
        refuse(behind[..., None] & ~whole, name, "holds NaN before its end")
    if tokens is not None:
        wrong = ~lacks & ((rows < 0) | (rows >= tokens) | (rows != np.floor(rows)))
        refuse(wrong, name, f"holds what is no token: these are from 0 to {tokens - 1}")


def refuse(wrong: Array, name: str, why: str) -> None:
    """Refuse the first sample in which something is wrong.  Shape: [N, *]."""
    if wrong.any():
        row = wrong.any(tuple(range(1, wrong.ndim))).argmax()
        raise ValueError(f"sample {row + 1} of `{name}` {why}")


def has_none(samples: Array) -> Array:
    """Which sequences have no step at all.  Shape: [N, T, *] -> [N]."""
    return np.isnan(samples).all(tuple(range(1, samples.ndim)))


def loaded(path: str) -> Any:
    """An array of an NPY file, or the arrays of an NPZ file by their names."""
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, EOFError):
        raise ValueError(f"{path} is no file of NumPy's, .npy or .npz") from None
