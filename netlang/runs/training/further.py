"""A trained network is trained further, on samples that were not there before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from netlang.catalogue.data import DataSet, Description, Samples, Split
from netlang.catalogue.data.pipeline import AnyPipeline
from netlang.compiler.ir import Program
from netlang.runs.training.tensors import changing_tensors
from netlang.runs.training.training import Training

if TYPE_CHECKING:
    from torch import Tensor


class FurtherSamples(DataSet):
    """Samples to train on that are inputs and targets already, as ``pipeline`` made them."""

    samples: Samples
    described: Description
    pipeline: AnyPipeline | None

    @classmethod
    def of(cls, samples: Samples, program: Program, pipeline: AnyPipeline | None) -> Self:
        """The samples, which are like those of ``program``."""
        assert program.description
        further = cls.declared({})
        further.samples, further.pipeline = samples, pipeline
        about = {"train": len(samples), "validation": 0, "test": 0, "counts": (), "filled": ()}
        further.described = program.description.replace(**about, dropped=0, without_target=0)
        return further

    def describe(self, seed: int = 0) -> Description:
        return self.described

    def load(self, seed: int = 0) -> Split:
        return Split(self.samples, None, pipeline=self.pipeline)


def further_training(
    program: Program,
    samples: FurtherSamples,
    epochs: int,
    begin: Mapping[str, Tensor] | Training,
    backend: str = "auto",
) -> Training:
    """A training of ``program`` on other ``samples``, for so many epochs, which is to be run.

    It begins with what another Training has come to, its optimizer's state included, or else with
    tensors of the network by name. The learning rate is the optimizer's: a schedule was for the
    data before. Neither is there a part to choose a best epoch by.
    """
    steps = begin.optimizer.steps if isinstance(begin, Training) else 0
    other = program.replace(description=samples.described, expectations=())
    others = {"schedule": None, "stop": None, "start": None, "seed": program.seed + steps}
    training = Training(other.with_settings(data=samples, epochs=epochs, **others), backend)
    if isinstance(begin, Training):
        before = changing_tensors(begin.engine)
        for name, tensor in changing_tensors(training.engine).items():
            tensor.copy_(before[name])
        training.optimizer.steps = steps
        return training
    for name, tensor in training.network.named_tensors().items():
        tensor.copy_(begin[name])
    return training
