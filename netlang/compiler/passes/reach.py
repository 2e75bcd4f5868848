"""Whether an output can get to where the numbers to predict lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netlang.catalogue.data import Description
from netlang.catalogue.losses import Loss
from netlang.compiler.ir import Graph
from netlang.compiler.passes.bind import BoundCall
from netlang.compiler.passes.settings import Data
from netlang.language.diagnostics.messages.lints import OutOfBounds, OutOfReach
from netlang.language.diagnostics.messages.tables import FarTargets
from netlang.language.diagnostics.wording import SHOWN, in_code, listed

_FAR = 1000  # numbers to predict, where outputs start near 0
_LOGARITHMS = ("log-probabilities", "logarithms")  # outputs that are not in the targets' units


def out_of_reach(
    graph: Graph, number: int, data: Data, found: Description, losses: Sequence[BoundCall]
) -> OutOfReach | OutOfBounds | None:
    """The report of numbers to predict, as ``found`` describes them, some of which the layer that
    gives an output cannot give; ``number`` is the output's node, and ``losses`` compare it.
    """
    last = graph.maker(number)
    expected = (loss.expects for loss in map(BoundCall.declared, losses) if isinstance(loss, Loss))
    if any(one in _LOGARITHMS for one in expected):
        return None
    if last is None or found.task != "regression" or last.layer.remark(*last.takes):
        return None
    least, most = last.layer.bounds
    span, name = last.origin.span, last.layer.name
    standardized = data.item.standardizes_targets
    if standardized and least >= 0:
        targets = f"the values of {_named(found.target)}" if found.target else "the targets"
        only = "from 0 to 1" if last.layer.gives == "probabilities" else "0 or more"
        return OutOfReach(span, name, targets, data.span, only)
    beyond = {
        target: (low, high)
        for target, (low, high) in ranges_of(data, found.target).items()
        if low < least or most < high
    }
    if not beyond:
        return None
    ends = min(low for low, _ in beyond.values()), max(high for _, high in beyond.values())
    targets = _named(tuple(filter(None, beyond))) or "the numbers to predict"
    return OutOfBounds(span, name, (least, most), targets, ends, data.span, standardized)


def far_from_0(data: Data, found: Description, losses: Sequence[BoundCall]) -> FarTargets | None:
    """The report of numbers to predict that are far larger than what networks give at first. Tables
    tell it themselves.
    """
    each = [loss for loss in map(BoundCall.declared, losses) if isinstance(loss, Loss)]
    if not each or any(loss.target_range for loss in each) or found.columns:
        return None
    if found.task != "regression" or data.item.standardizes_targets:
        return None
    ends = [abs(end) for ends in ranges_of(data, found.target).values() for end in ends]
    if max(ends, default=0) < _FAR:
        return None
    is_said = data.item.values.get("standardize") is False
    return FarTargets(data.item.at("standardize") or data.span, max(ends), is_said)


def ranges_of(data: Data, targets: tuple[str, ...]) -> Mapping[str, tuple[float, float]]:
    """Between which numbers each of the targets lies, as far as that is known."""
    if not data.is_read:
        return {}
    each = ((target, data.item.range_of(target)) for target in targets or ("",))
    return {target: found for target, found in each if found}


def _named(targets: tuple[str, ...]) -> str:
    return listed(in_code(targets), SHOWN) if targets else ""
