"""A trained program: what a language needs to say a network with its weights."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from netlang.catalogue.data.pipeline import AnyPipeline
from netlang.compiler.answers import Answers, answers_of
from netlang.compiler.ir import Program
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


class TrainedProgram(Record):
    """A ``program`` with the ``tensors`` of its network, by their names in a model file, such as
    ``linear1.weight``, in float32.

    ``pipeline`` made inputs of the data's own numbers and texts; it is None where inputs are the
    samples as they are. ``metrics`` are those of the weights, by their paths.
    """

    program: Program
    tensors: Mapping[str, Tensor]
    pipeline: AnyPipeline | None = None
    metrics: Mapping[str, float] = MappingProxyType({})

    @property
    def answers(self) -> Answers:
        """How the network's outputs are read, as ``netlang predict`` reads them."""
        return answers_of(self.program, self.pipeline)
