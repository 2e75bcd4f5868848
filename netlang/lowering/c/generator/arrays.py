"""Arrays that stay with weights: one set of them, however many layers use the weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from netlang.lowering.c.generator.texts import number, substituted
from netlang.lowering.c.kernels import Array, Constants, Routine
from netlang.lowering.lowerings import Unsupported
from netlang.system.record import Record


class Arrays(Record):
    """The arrays of one set of weights, for all layers that share it.

    Their texts have numbers instead of the layers' constants.
    """

    prepared: Mapping[str, Array]
    sums: Mapping[str, Array]

    @classmethod
    def of(cls, layer: str, uses: Sequence[Routine]) -> Arrays:
        """Raises Unsupported about the ``layer`` if the kernels of those that share contradict."""
        prepared = ((use.prepared, use.constants) for use in uses)
        sums = ((use.sums, use.constants) for use in uses)
        return cls(_together(layer, prepared), _together(layer, sums))


def member(name: str, owner: int) -> str:
    """What an array is called in a struct, where the node ``owner`` has the weights."""
    return f"{name}_{owner}"


def declarations(arrays: Mapping[str, Array], owner: int) -> list[str]:
    """They are members of a struct; one that is not there has a length of 1."""
    return [f"real {member(name, owner)}[{length(array)}]" for name, array in arrays.items()]


def statements(arrays: Mapping[str, Array]) -> str:
    """Fill the arrays, or empty them."""
    lines = (
        array.statement if array.when == "1" else f"if ({array.when}) {array.statement}"
        for array in arrays.values()
    )
    return "".join(f"    {line}\n" for line in lines)


def _together(
    layer: str, uses: Iterable[tuple[Mapping[str, Array], Constants]]
) -> dict[str, Array]:
    """Each array once; it is there ``when`` any of the layers wants it."""
    found: dict[str, tuple[str, str]] = {}
    conditions: dict[str, dict[str, None]] = {}
    for arrays, values in uses:
        known = {name: number(value) for name, value in values.items()}
        for name, array in arrays.items():
            said = substituted(array.length, known), substituted(array.statement, known)
            if found.setdefault(name, said) != said:
                raise Unsupported(f"{layer} wants another {name} in each layer that shares it")
            conditions.setdefault(name, {})[substituted(array.when, known)] = None
    return {name: Array(*said, when=_any(conditions[name])) for name, said in found.items()}


def _any(conditions: Mapping[str, None]) -> str:
    return " || ".join(conditions) if len(conditions) < 2 else f"({') || ('.join(conditions)})"


def length(array: Array) -> str:
    """How many numbers it has, as C."""
    return array.length if array.when == "1" else f"{array.when} ? {array.length} : 1"
