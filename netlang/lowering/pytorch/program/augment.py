"""The definition of ``augment``: samples of an order as training sees them."""

from __future__ import annotations

from netlang.catalogue.augment import Moving, Windows
from netlang.catalogue.augment.augmentation import has_places
from netlang.compiler.ir import Program
from netlang.lowering.python.text import statement
from netlang.lowering.pytorch.counterparts import TorchAugmentation, TorchDefinition
from netlang.lowering.pytorch.lowerings import lowers


def augment(program: Program) -> list[TorchDefinition]:
    """The definitions of ``augment(x, t, order)`` and of what it uses, if samples are augmented.

    Raises Unsupported.
    """
    found, lines, mixtures = list[TorchDefinition](), [_FIRST], 0
    for step in program.augment:
        if step.mixes:  # it asks for others, as they are seen before it
            mixtures += 1
            before = f"seen{mixtures}"
            found.append(_definition(before, _SEEN, lines))
            lines = [
                f"inputs, targets = {before}(x, t, order)",
                "some = torch.randint(len(x), (len(order),))",
                f"others, of_others = {before}(x, t, some)",
            ]
        said: TorchAugmentation = lowers.lowered(step, program)
        found += said.uses
        lines += said.lines
    return [*found, _definition("augment", _AUGMENTED, lines)] if program.augment else []


def changes_targets(program: Program) -> bool:
    """Whether targets are changed, which metrics then take as they are seen."""
    found = program.description
    has_moving = any(isinstance(one, Moving) for one in program.augment)
    moves = found is not None and has_places(found) and has_moving
    return moves or any(isinstance(one, Windows) for one in program.augment)


_FIRST = "inputs, targets = x[order], t[order]"
_SEEN = "The samples of that order as they are seen before they are mixed."
_AUGMENTED = "The samples of that order as training sees them, each time in another way."


def _definition(name: str, about: str, lines: list[str]) -> TorchDefinition:
    texts = [f'"""{about}"""', *lines, "return inputs, targets"]
    body = "".join(f"{statement(4, '', text)}\n" for text in texts)
    return TorchDefinition(f"def {name}(x, t, order):\n{body}")
