"""Shortcuts: what leads around layers that change a shape, so that both fit into one join."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue import library
from netlang.catalogue.layers.wiring import Wire
from netlang.compiler.ir import Expansion
from netlang.compiler.passes.infer.state import InferenceState, unknowns
from netlang.compiler.passes.values import Alias, ItemCall, NetworkValue
from netlang.compiler.passes.wiring import WiredLayer
from netlang.language.shapes import Shape


def shortcut_that_fits(
    wired: WiredLayer, inputs: Sequence[Shape], state: InferenceState
) -> str | None:
    """What to write in place of a branch that leads from where the other branch begins, and passes
    that on or is given where a block is used, so that the join takes both; None if that is not what
    is wrong.
    """
    if len(inputs) != 2 or len(wired.branches) != 2 or unknowns(inputs):
        return None
    for short, long in ((0, 1), (1, 0)):
        start = wired.inputs[short]
        if _is_given(wired.branches[short], wired):
            start = _beginning(start, wired.inputs[long], state)
        x = state.shapes[start]
        if x and not x.unknowns and _leads_around(start, wired.inputs[long], state):
            fitting = _projection(x.solved(), inputs[long])
            return fitting and _help(wired, wired.branches[short], fitting, inputs[long])
    return None


def _is_given(branch: NetworkValue, wired: WiredLayer) -> bool:
    """Whether the branch is what a parameter stands for that is given where the block is used."""
    around = next((one for one in wired.origin.trail if one.name), None)
    return bool(around and isinstance(branch, Alias) and around.span.holds(branch.definition))


def _beginning(number: int, end: int, state: InferenceState) -> int:
    """The layer before ``number`` from which the layer ``end`` gets something, too."""
    while number and not _leads_around(number, end, state):
        wired = state.layers[number]
        if len(wired.inputs) != 1:
            break
        (number,) = wired.inputs
    return number


def _leads_around(start: int, end: int, state: InferenceState) -> bool:
    """Whether the layer ``end`` gets, through others, what the layer ``start`` gives."""
    left, seen = [end], set[int]()
    while left:
        number = left.pop()
        if number > start and number not in seen:
            seen.add(number)
            left += state.layers[number].inputs
        elif number == start:
            return bool(seen)
    return False


def _projection(x: Shape, y: Shape) -> str | None:
    """What makes the shape ``y`` of ``x``, as a shortcut does."""
    if len(x.sample) == len(y.sample) == 3:
        return _projection_of_pictures(x.sizes, y.sizes)
    same_places = x.sample and x.sample[:-1] == y.sample[:-1]
    return f"Linear({x.last}, {y.last})" if same_places else None


def _projection_of_pictures(x: Sequence[int], y: Sequence[int]) -> str | None:
    channels, places = y[0], [*zip(x[1:], y[1:], strict=True)]
    for stride in range(1, max(x) + 1):
        if all(-(-size // stride) == wanted for size, wanted in places):
            return f"Projection({channels})" if stride == 1 else f"Projection({channels}, {stride})"
    return None


def _help(wired: WiredLayer, branch: NetworkValue, fitting: str, y: Shape) -> str:
    written, around = branch.span.text, next((one for one in wired.origin.trail if one.name), None)
    is_identity = isinstance(branch, ItemCall) and issubclass(branch.item, Wire)
    if around is None or (around.definition and around.definition.holds(branch.span)):
        behind = fitting if is_identity else f"{written} -> {fitting}"
        return f"write `{behind}` in place of `{written}`: it gives {y}"
    if isinstance(branch, Alias) and around.span.holds(branch.definition):
        return f"write `{fitting}` in place of `{branch.definition.text}`: it gives {y}"
    if isinstance(branch, Alias) and _is_default(branch, around):
        return f"give it a shortcut that fits, too: `{_with(around, written, fitting)}`"
    if around.name in library.NAMES:
        return f"`{around.name}` keeps the shape that it gets: put a layer in front that gives {y}"
    used = _with(around, "shortcut", fitting)
    name = around.name
    return f"make `{written}` a parameter of `{name}`, `shortcut=Identity`: then `{used}` fits"


def _is_default(branch: Alias, block: Expansion) -> bool:
    """Whether the branch is what a parameter of the block is by default."""
    begin, value, end = block.definition, branch.definition, branch.span
    return bool(begin and begin.source is value.source and begin.start < value.start < end.start)


def _with(block: Expansion, parameter: str, value: str) -> str:
    """The use of a block with one more argument."""
    call = block.span.text.removesuffix(")")
    before = "(" if call == block.span.text else "" if call.endswith("(") else ", "
    return f"{call}{before}{parameter}={value})"
