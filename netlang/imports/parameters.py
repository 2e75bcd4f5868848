"""The parameters of a block: the numbers that differ from one of its uses to another.

A number that is the same everywhere stands in the block, and one that follows from another one,
such as a padding from a kernel, is computed there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netlang.imports.chains import Chain
from netlang.imports.foreign_graph import HOLE, Argument, Formula
from netlang.imports.naming import parameter_names
from netlang.imports.places import Place, places_in
from netlang.system.record import Record

_TAKEN = ("in_channels", "in_features", "input_size", "num_features")  # follow from what comes in

_Column = Sequence[Argument]  # what stands in one place, by the use


class Parameters(Record):
    """``names`` of the parameters, in the order of the block, and their ``defaults``.

    ``values`` are what stands in the places of the block, and ``passed`` what each use passes.
    """

    names: tuple[str, ...]
    defaults: Mapping[str, Argument]
    values: tuple[Argument, ...]
    passed: tuple[Mapping[str, Argument], ...]


def parameters_of(chains: Sequence[Chain]) -> Parameters:
    """Those of a block that stands for all of these chains, which are alike."""
    places = [[*places_in(chain)] for chain in chains]
    first = places[0]
    columns = [*zip(*([place.value for place in row] for row in places), strict=True)]
    roots: list[int] = []  # the places of the parameters
    holes: set[int] = set()  # the places of sizes that netlang finds
    formulas: dict[int, tuple[int, str]] = {}  # by the place, that of a parameter, and a formula
    for number, column in enumerate(columns):
        if _is_constant(column):
            continue
        if first[number].argument in _TAKEN:
            holes.add(number)
            continue
        found = (
            (root, _formula(first[root], columns[root], first[number], column)) for root in roots
        )
        known = next(((root, formula) for root, formula in found if formula), None)
        if known is None:
            roots.append(number)
        formulas[number] = known or (number, "_")
    named = parameter_names([first[root] for root in roots])
    names = dict(zip(roots, named, strict=True))
    usual = {names[root]: _usual(first[root], columns[root]) for root in roots}
    defaults = {name: value for name, value in usual.items() if value is not None}
    values = (
        Formula(formulas[number][1].replace("_", names[formulas[number][0]]))
        if number in formulas
        else HOLE
        if number in holes
        else column[0]
        for number, column in enumerate(columns)
    )
    order = sorted(roots, key=lambda root: names[root] in defaults)
    passed = ({names[root]: columns[root][use] for root in order} for use in range(len(chains)))
    return Parameters(tuple(names[one] for one in order), defaults, tuple(values), tuple(passed))


def _is_constant(column: _Column) -> bool:
    """Whether it is one number, and none that only the block knows which it stands in."""
    first = column[0]
    is_plain = first == HOLE or not isinstance(first, Formula)
    return is_plain and all(value == first and type(value) is type(first) for value in column)


def _formula(root: Place, of: _Column, place: Place, column: _Column) -> str:
    """How each number of ``column`` is computed of that of another one, which the formula calls
    ``_``; "" if it is not.
    """
    is_padding = "padding" in place.argument and not place.is_size
    if root.is_size != place.is_size and not is_padding:
        return ""
    if [*of] == [*column]:
        return "_"
    pairs = [(a, b) for a, b in zip(of, column, strict=True) if type(a) is type(b) is int]
    if len(pairs) < len(column):
        return ""
    if is_padding:
        is_half = root.argument.startswith("kernel") and all(a // 2 == b for a, b in pairs)
        return "_ // 2" if is_half else ""
    a, b = pairs[0]
    if not place.is_size or not a or not b:
        return ""
    if b % a == 0 and all(x * (b // a) == y for x, y in pairs):
        return f"{b // a} * _"
    if a % b == 0 and all(y * (a // b) == x for x, y in pairs):
        return f"_ // {a // b}"
    return ""


def _usual(place: Place, column: _Column) -> Argument:
    """The default of a parameter, which most uses have; None if there is none."""
    plain = [one for one in column if one is not None and not isinstance(one, Formula)]
    if place.is_size or place.argument == "times" or not plain:
        return None
    most = max(plain, key=plain.count)
    share = plain.count(most) / len(column)
    return most if share >= (0.5 if place.is_optional else 0.75) else None
