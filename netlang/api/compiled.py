"""A trained model in C, for who asks often: one sample takes it microseconds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from netlang.api.judging import are_given, measures, samples_kept
from netlang.api.predictions import Predicted, is_of_largest, labels_of, predictions, probabilities
from netlang.api.samples import inputs_of, samples_of
from netlang.api.writing import written
from netlang.catalogue.data import Samples
from netlang.catalogue.data.pipeline import ArrayPipeline, Pipeline
from netlang.compiler.answers import Answers, ClassAnswers, answers_of
from netlang.runs.models.texts import Drawing
from netlang.runs.models.trained import TrainedModel, model_in
from netlang.runs.training.model_file import ModelFile
from netlang.system.lazy import np, torch

if TYPE_CHECKING:
    from numpy.typing import NDArray


class CompiledModel:
    """What ``Model.compiled()`` gives: a trained model whose network is compiled C.

    It answers as the model does, up to rounding, and as the model was then: a later ``fit`` does
    not reach it. Several threads may ask it, and a pickle takes it to other processes.

    >>> import netlang
    >>> model = netlang.load("Linear(1, 2)", optimizer="Adam(0.1)", epochs=50)
    >>> model = model.fit([[0.0], [1.0], [2.0], [3.0]], ["low", "low", "high", "high"])
    >>> ask = model.compiled()
    >>> ask.predict([[0.5], [2.5]])
    array(['low', 'high'], dtype='<U4')

    Raises Unsupported where a layer has no C, and NotCompiled where that cannot be compiled.
    """

    def __init__(
        self,
        named: str,
        trained: TrainedModel,
        answers: Answers,
        labels: Any,
        own_samples: Callable[[], Samples],
    ) -> None:
        self._named, self._trained, self._answers = named, trained.in_c(), answers
        self._labels, self._pipeline = labels, trained.kept.pipeline
        self._own_samples = own_samples
        assert self._trained.compiled
        self._network = self._trained.compiled
        # The classes, where that of the largest of several outputs is said.
        self._names: Any = None
        if is_of_largest(answers, trained.network.graph.output.sizes):
            assert isinstance(answers, ClassAnswers)
            self._names = labels_of(answers.classes) if labels is None else labels

    def outputs(self, X: Any) -> Any:
        """The network's own outputs for the samples X: an array of NumPy.

        Shape: [N, *].  Raises NetError for samples that do not fit.
        """
        return self._network(self._inputs(X))

    def predict(self, X: Any) -> Predicted:
        """What ``Model.predict`` says of the samples X.

        Raises NetError for samples that do not fit.
        """
        outputs, names = self.outputs(X), self._names
        if names is not None and outputs.ndim == 2 and np.isfinite(outputs).all():
            return names[outputs.argmax(1)]
        return predictions(self._answers, torch.from_numpy(outputs), self._labels)

    def predict_proba(self, X: Any) -> Predicted:
        """What ``Model.predict_proba`` says of the samples X.

        Raises NetError for samples that do not fit, and where the model has no probabilities.
        """
        return probabilities(self._answers, self._named, torch.from_numpy(self.outputs(X)))

    def generate(
        self,
        prompt: str,
        length: int = 200,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float = 1.0,
        seed: int = 0,
    ) -> str:
        """What ``Model.generate`` writes behind the ``prompt``.  Raises as that does."""
        drawing = Drawing(temperature, top_k, top_p)
        return written(self._trained, prompt, length, drawing, seed, self._named)

    def evaluate(
        self, X: Any = None, y: Any = None, *, sample_weight: Any = None
    ) -> dict[str, float]:
        """What ``Model.evaluate`` says of the samples X, or of the model's own.

        Raises as that does. A pickle takes no data along.
        """
        if are_given(X, y, sample_weight):
            samples = samples_of(X, y, sample_weight, self._trained, self._labels)
        else:
            samples = self._own_samples()
        outputs = self._trained.outputs(samples.inputs)
        return measures(self._trained, self._answers, samples, outputs)

    __call__ = outputs

    def __getstate__(self) -> dict[str, Any]:
        """For pickles: plain data, and the bytes of the model file; no code of the machine."""
        model = self._trained.kept.to_bytes()
        return {"named": self._named, "model": model, "labels": self._labels}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Compiles the network anew.  Raises as ``Model.compiled`` does."""
        named, labels = state["named"], state["labels"]
        trained = model_in(ModelFile.from_bytes(state["model"]), Path(named))
        answers = answers_of(trained.program, trained.kept.pipeline)
        own_samples = partial(samples_kept, named, "", trained)
        CompiledModel.__init__(self, named, trained, answers, labels, own_samples)

    def __deepcopy__(self, copied: object) -> Self:
        """Itself: nothing in it changes."""
        return self

    def _inputs(self, X: Any) -> NDArray[Any]:
        """The inputs for X, at once where it is an array of plain numbers."""
        pipeline, inputs = self._pipeline, None
        if isinstance(X, np.ndarray) and isinstance(pipeline, Pipeline | ArrayPipeline):
            inputs = pipeline.of_array(X)
        return inputs_of(X, self._trained).numpy() if inputs is None else inputs

    def __repr__(self) -> str:
        return f"<netlang model {self._named}: compiled>"
