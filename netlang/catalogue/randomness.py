"""All random draws: each is a pure function of a seed and of what is drawn.

No generator keeps a state: a draw depends on (seed, purpose), for dropout on (seed, epoch, layer,
sample, unit), or for what augments a sample on (seed, epoch, step, purpose, sample, unit) alone. So
a run draws the same numbers whatever its batches are, and after any interruption. An exported file
has copies of ``generator`` and ``digest``, which use nothing else but torch.

The bits of a sample come from the integer hash *triple32* (Chris Wellons, "Prospecting for Hash
Functions", 2018), a bijection of 32-bit words with a bias near that of a random one:

    x ^= x >> 17;  x *= 0xed5ad4bb;  x ^= x >> 11;  x *= 0xac4c1b51
    x ^= x >> 15;  x *= 0x31848bab;  x ^= x >> 14
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

_WORD = 0xFFFFFFFF
_TURNS = 4  # of a Feistel network


def generator(seed: int, *purpose: str | int) -> torch.Generator:
    """A torch generator for one ``purpose`` in a run, such as ``("initial weights",)``.

    Raises TypeError for a seed that is no whole number.
    """
    if not hasattr(seed, "__index__"):
        raise TypeError(f"a seed is a whole number, not {seed!r}")
    return torch.Generator().manual_seed(digest(seed, *purpose))


def digest(*parts: str | int) -> int:
    """63 well-mixed bits of ``parts``; SHA-256 keeps related seeds apart."""
    import hashlib  # late, as it takes time

    text = "\0".join(map(str, parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def permutation(count: int, seed: int, epoch: int) -> Tensor:
    """The order in which epoch ``epoch`` visits the samples.  Shape: [count], int64."""
    return torch.randperm(count, generator=generator(seed, "order", epoch), device="cpu")


def places(numbers: Tensor, count: int, seed: int, *purpose: str | int) -> Tensor:
    """The places that some of the numbers from 0 on have in a random order of so many, without the
    others: a Feistel network, which is applied again where it leads beyond ``count``.

    Shape: [N] int64 -> [N] int64.  Source: Black and Rogaway 2002.
    """
    bits = max(2, (count - 1).bit_length())
    low = bits // 2
    lower, upper = (1 << low) - 1, (1 << (bits - low)) - 1
    keys = [_signed(digest(seed, *purpose, turn) & _WORD) for turn in range(_TURNS)]

    def mixed(part: Tensor, key: int) -> Tensor:
        return _hash(part.to(torch.int32).bitwise_xor_(key)).long()

    def moved(number: Tensor) -> Tensor:
        left, right = number >> low, number & lower
        for turn, key in enumerate(keys):
            if turn % 2:
                right = right ^ (mixed(left, key) & lower)
            else:
                left = left ^ (mixed(right, key) & upper)
        return (left << low) | right

    found = moved(numbers)
    while (beyond := found >= count).any():
        found[beyond] = moved(found[beyond])
    return found


def keep_mask(
    keep: float,
    seed: int,
    epoch: int,
    layer: int | str,
    samples: Tensor,
    units: int,
    dtype: torch.dtype,
) -> Tensor:
    """Dropout's mask: 1/keep with probability ``keep``, else 0.  Shape: [len(samples), units].

    ``samples`` has the samples' numbers in the data set (int32 or int64), on the device of the
    mask. ``keep`` is rounded to a multiple of 2^-31.
    """
    bits, count = _bits(dropout_key(seed, epoch, layer), samples, units), len(samples)
    # A unit is kept if its upper 31 bits are below the limit, or all 32 below twice the limit.
    # With the first bit flipped, signed words are in the order of unsigned ones.
    drawn = bits.bitwise_xor_(_signed(1 << 31))
    mask = torch.empty(count, units, dtype=dtype, device=samples.device)
    torch.lt(drawn, 2 * keep_limit(keep) - (1 << 31), out=mask)
    return mask.mul_(1.0 / keep)


def dropout_key(seed: int, epoch: int, layer: int | str) -> int:
    """63 bits: the lower 32 are mixed with a sample's number, the others with a unit's."""
    return digest(seed, "dropout", epoch, layer)


def augmentation_key(seed: int, epoch: int, step: int, purpose: str) -> int:
    """63 bits, as those of ``dropout_key``: for the step of that number among those that augment a
    sample, and for what it draws them.
    """
    return digest(seed, "augmentation", epoch, step, purpose)


def uniform(key: int, samples: Tensor, units: int, dtype: torch.dtype) -> Tensor:
    """Multiples of 2^-24 in [0, 1), each as likely.  Shape: [len(samples), units].

    They are the same in 32 bits and in 64; numbers of fewer bits are the nearest ones below 1.
    """
    drawn = _upper_bits(key, samples, units).to(_exact(dtype)).mul_(2**-24)
    return drawn.to(dtype).clamp_max_(1 - torch.finfo(dtype).eps / 2)


def normal(key: int, samples: Tensor, units: int, dtype: torch.dtype) -> Tensor:
    """Standard normal numbers, up to 5.4 in size.  Shape: [len(samples), units]."""
    # Of 2^24 parts of (-1, 1), the middle of one: floats of 32 bits hold it, and it is not 1.
    bits = _upper_bits(key, samples, units).to(_exact(dtype))
    return bits.mul_(2**-23).add_(2**-24 - 1).erfinv_().mul_(math.sqrt(2)).to(dtype)


def below(key: int, samples: Tensor, count: int) -> Tensor:
    """Whole numbers from 0 up to ``count``, without it.  Shape: [len(samples)], int64."""
    return (_bits(key, samples, 1).view(-1).long() & _WORD) * count >> 32


def _exact(dtype: torch.dtype) -> torch.dtype:
    """``dtype``, or one that has 24 bits if it has fewer."""
    return torch.promote_types(dtype, torch.float32)


def _upper_bits(key: int, samples: Tensor, units: int) -> Tensor:
    """The upper 24 of the 32 bits that are drawn for each unit."""
    return _bits(key, samples, units).bitwise_right_shift_(8).bitwise_and_((1 << 24) - 1)


def _bits(key: int, samples: Tensor, units: int) -> Tensor:
    """32 random bits for each unit of each sample.  Shape: [len(samples), units], int32."""
    count = len(samples)
    words = torch.empty(count + units, dtype=torch.int32, device=samples.device)
    torch.bitwise_xor(samples.to(torch.int32), _signed(key & _WORD), out=words[:count])
    torch.arange(units, device=samples.device, out=words[count:])
    words[count:].bitwise_xor_(_signed(key >> 32))
    _hash(words)
    return _hash(words[:count].unsqueeze(1) ^ words[count:])


def keep_limit(keep: float) -> int:
    """A unit is kept if the 31 bits drawn for it are below this number."""
    return min(round(keep * 2**31), 2**31 - 1)


def _hash(x: Tensor) -> Tensor:
    """triple32, elementwise and in place, on int32; products wrap as those of unsigned words do."""
    shifted = torch.empty_like(x)

    def mix(bits: int) -> None:
        """Shift right as an unsigned word: int32's own shift copies the sign bit."""
        torch.bitwise_right_shift(x, bits, out=shifted).bitwise_and_((1 << (32 - bits)) - 1)
        x.bitwise_xor_(shifted)

    mix(17)
    x.mul_(_signed(0xED5AD4BB))
    mix(11)
    x.mul_(_signed(0xAC4C1B51))
    mix(15)
    x.mul_(_signed(0x31848BAB))
    mix(14)
    return x


def _signed(word: int) -> int:
    return word - (1 << 32) if word >> 31 else word
