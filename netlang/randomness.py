"""Every random draw, as a pure function of a seed and of what is drawn.

No generator's state is kept: a draw depends on (seed, purpose) or, for dropout, on
(seed, epoch, layer, sample, unit) alone, so a run draws the same numbers whatever its
batches, and wherever it is taken up again.

Dropout's bits come from the integer hash *triple32* (Chris Wellons, "Prospecting for Hash
Functions", 2018), a bijection of 32-bit words with a bias near that of a random one:

    x ^= x >> 17;  x *= 0xed5ad4bb;  x ^= x >> 11;  x *= 0xac4c1b51
    x ^= x >> 15;  x *= 0x31848bab;  x ^= x >> 14
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.lazy import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor

_WORD = 0xFFFFFFFF


def generator(seed: int, *purpose: str | int) -> Generator:
    """A torch generator for one ``purpose``, say ``("initial weights",)``, of a run's seed."""
    return torch.Generator().manual_seed(_digest(seed, *purpose))


def permutation(count: int, seed: int, epoch: int) -> Tensor:
    """The order in which epoch ``epoch`` visits the samples.  Shape: [count], int64."""
    return torch.randperm(count, generator=generator(seed, "order", epoch))


def keep_mask(
    keep: float, seed: int, epoch: int, layer: int, samples: Tensor, units: int, dtype: torch.dtype
) -> Tensor:
    """Dropout's mask: 1/keep with probability ``keep``, else 0.  Shape: [len(samples), units].

    ``samples`` holds the samples' numbers in the data set (int32 or int64). ``keep`` is
    honoured to 2^-31.
    """
    key = dropout_key(seed, epoch, layer)
    rows = samples.to(torch.int32) ^ _signed(key & _WORD)
    columns = torch.arange(units, dtype=torch.int32, device=samples.device) ^ _signed(key >> 32)
    bits = _hash(rows).unsqueeze(1) ^ _hash(columns)
    # The shift leaves 31 bits, uniform over the numbers from 0 to 2^31 - 1.
    drawn = _shift(_hash(bits), 1)
    return (drawn < keep_limit(keep)).to(dtype).mul_(1.0 / keep)


def dropout_key(seed: int, epoch: int, layer: int) -> int:
    """63 bits: a sample's number is mixed with the lower 32 of them, a unit's with the others."""
    return _digest(seed, "dropout", epoch, layer)


def keep_limit(keep: float) -> int:
    """Of the 31 bits drawn for a unit, those below this number keep it."""
    return min(round(keep * 2**31), 2**31 - 1)


def _hash(x: Tensor) -> Tensor:
    """triple32, elementwise, on int32; products wrap as those of unsigned words do."""
    x = x ^ _shift(x, 17)
    x.mul_(_signed(0xED5AD4BB))
    x ^= _shift(x, 11)
    x.mul_(_signed(0xAC4C1B51))
    x ^= _shift(x, 15)
    x.mul_(_signed(0x31848BAB))
    x ^= _shift(x, 14)
    return x


def _shift(x: Tensor, bits: int) -> Tensor:
    """``x`` shifted right as an unsigned word: int32's own shift copies the sign bit."""
    return (x >> bits).bitwise_and_((1 << (32 - bits)) - 1)


def _signed(word: int) -> int:
    return word - (1 << 32) if word >> 31 else word


def _digest(*parts: str | int) -> int:
    """63 well-mixed bits of ``parts``; SHA-256 keeps related seeds apart."""
    import hashlib  # takes time to import, and checking a file draws nothing

    text = "\0".join(map(str, parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1
