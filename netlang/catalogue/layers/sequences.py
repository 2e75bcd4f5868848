"""What layers have in common that take sequences: steps, and features at each of them."""

from __future__ import annotations

from netlang.language.shapes import Dim, Shape, ShapeError, Unknown, solved


def check_sequence(x: Shape, features: Dim, index: int = 0, least: int = 1) -> None:
    """Raise ShapeError unless a sample of ``x``, which is input ``index``, has steps and features
    behind them. The layer takes as many ``features`` as it says, and ``least`` of them at least.
    """
    if len(x.sample) == 2:
        return
    takes = Shape.of(Unknown(), features)
    reason = f"takes sequences [N, T, {solved(features)}], and its input is {x}"
    raise ShapeError(takes, reason=reason, help=_to_steps(x, solved(features), least), input=index)


def _to_steps(x: Shape, features: Dim, least: int) -> str:
    """What to write in front of a layer that takes so many features at each step, if it gets
    ``x``.
    """
    if not x.sample or x.unknowns:
        return "say what a sample is, as `input = [T, features]`, with its sizes"
    if len(x.sample) == 1:
        return _row_to_steps(x.size, least if isinstance(features, Unknown) else features)
    if len(x.sample) == 3:
        first, *others = x.sizes
        if first == 1:
            return f"put `Reshape({others}) ->` in front: each row of a picture is then a step"
        places = "put `Flatten(2) -> Permute([1, 0]) ->` in front: each place of a picture is "
        batch = f"; if the first is the batch, a sample is {others}, without it"
        return f"{places}then a step{batch if features == others[-1] else ''}"
    return "put `Flatten` or `Reshape` in front, which leaves two dimensions"


def _row_to_steps(size: int, each: int) -> str:
    """What to write in front if a sample is one row, of which a step takes so many numbers."""
    if size % each:
        return f"make the row as long as some steps of {each} numbers are, or change this layer"
    front = f"put `Unflatten([{size // each}, {each}]) ->` in front: "
    if each < size:
        return f"{front}a row of {size} numbers is then {size // each} steps"
    return f"{front}a row is then one step; for {size} steps, write 1 for {size} in this layer"
