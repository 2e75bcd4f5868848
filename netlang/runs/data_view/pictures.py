"""Pictures of training samples as they are, and as some epochs see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.augment.augmentation import is_picture
from netlang.compiler.ir import Program
from netlang.engine.augmenting import Augmenting
from netlang.engine.threads import torch_threads
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def seen_pictures(program: Program, count: int, epochs: int) -> Tensor | None:
    """The first training samples as the data have them, and then as each of so many epochs sees
    them, in the data's own numbers; None where they are no pictures that can be shown.

    Shape: [1 + epochs, count, 1 or 3, height, width].  Raises NetError.
    """
    data, found = program.data, program.description
    if data is None or found is None or not is_picture(found):
        return None
    *channels, height, width = found.input.sizes
    if channels not in ([], [1], [3]):
        return None
    with torch_threads(1):
        split = data.load(program.seed)
        augmenting, train = Augmenting.of(program, split), split.train
        some = torch.arange(min(count, len(train)))
        times = [train.inputs[some]]
        for epoch in range(1, 1 + epochs if augmenting else 1):
            assert augmenting
            times.append(augmenting.seen(train.inputs, train.targets, some, epoch).inputs)
        numbers = [split.pipeline.to_numbers(one) if split.pipeline else one for one in times]
    return torch.stack(numbers).view(len(times), len(some), *(channels or [1]), height, width)
