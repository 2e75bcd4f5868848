"""What layers compute of a shape alone, and keep for the next batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")


class Kept(Generic[T]):
    """``make(x, ...)``, which depends on the last two sizes, the dtype and the device of ``x``. It
    is computed anew only for others than those of the last call.
    """

    def __init__(self, make: Callable[..., T]) -> None:
        self._make = make
        self._last: tuple[Any, T] | None = None

    def __call__(self, x: Tensor, *others: float) -> T:
        kind, last = (x.shape[-2:], x.dtype, x.device, others), self._last
        if last is None or last[0] != kind:
            last = self._last = kind, self._make(x, *others)
        return last[1]

    def __reduce__(self) -> tuple[Any, ...]:
        """Of pickles and copies: they compute it anew."""
        return type(self), (self._make,)
