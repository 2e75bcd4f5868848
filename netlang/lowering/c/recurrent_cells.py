"""The cells of recurrent layers in C: their mathematics at one step, forwards and backwards."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from netlang.system.record import Record

_NONE: Mapping[str, str] = MappingProxyType({})


class Cell(Record):
    """Expressions of C for number ``i`` of a state.

    ``forward`` makes the next state ``h``, and ``c`` where a cell has a second one, of the sums
    ``sum[g][i]`` of all gates and of the state before, ``old[i]`` and ``old_c[i]``.

    Backwards there are the state before, by name what the cell ``keeps`` of ``forward``, and the
    gradients ``dh`` and ``dc``. By these and by what ``backward`` names, ``of_sums`` are the
    gradients at the sums, ``dold`` and ``dold_c`` those at the state before, but for what comes
    through the sums.
    """

    forward: Mapping[str, str]
    keeps: Mapping[str, str]
    of_sums: tuple[str, ...]
    backward: Mapping[str, str] = _NONE
    dold: str = ""
    dold_c: str = ""

    def takes(self, state: str, backwards: bool) -> bool:
        """Whether it reads the ``state`` before, ``old`` or ``old_c``, other than in its sums."""
        texts = [*self.backward.values(), *self.of_sums] if backwards else self.forward.values()
        return any(f"{state}[" in text for text in texts)


def _as_they_are(*names: str) -> Mapping[str, str]:
    return {name: name for name in names}


TANH = Cell(
    forward={"h": "TANH(sum[0][i])"},
    keeps={"slope": "1 - h * h"},
    of_sums=("dh * slope",),
)

RELU = Cell(
    forward={"h": "sum[0][i] < 0 ? 0 : sum[0][i]"},
    keeps={"slope": "h != 0"},
    of_sums=("dh * slope",),
)

# Its gate n has two sums, as r is a factor of one of them: with the state, and with the input.
GRU = Cell(
    forward={
        "r": "SIGMOID(sum[0][i])",
        "z": "SIGMOID(sum[1][i])",
        "q": "sum[2][i]",
        "n": "TANH(sum[3][i] + r * q)",
        "h": "n + z * (old[i] - n)",
    },
    keeps=_as_they_are("r", "z", "q", "n"),
    backward={"dn": "dh * (1 - z) * (1 - n * n)"},
    of_sums=(
        "dn * q * r * (1 - r)",
        "dh * (old[i] - n) * z * (1 - z)",
        "dn * r",
        "dn",
    ),
    dold="dh * z",
)

LSTM = Cell(
    forward={
        "in": "SIGMOID(sum[0][i])",
        "forget": "SIGMOID(sum[1][i])",
        "g": "TANH(sum[2][i])",
        "out": "SIGMOID(sum[3][i])",
        "c": "forget * old_c[i] + in * g",
        "tanh_c": "TANH(c)",
        "h": "out * tanh_c",
    },
    keeps=_as_they_are("in", "forget", "g", "out", "tanh_c"),
    backward={"dsum": "dc + dh * out * (1 - tanh_c * tanh_c)"},
    of_sums=(
        "dsum * g * in * (1 - in)",
        "dsum * old_c[i] * forget * (1 - forget)",
        "dsum * in * (1 - g * g)",
        "dh * tanh_c * out * (1 - out)",
    ),
    dold_c="dsum * forget",
)
