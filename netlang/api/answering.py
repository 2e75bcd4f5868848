"""A trained network answers: what it says of samples, how good it is, and how it is kept."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from netlang.api.described import Described
from netlang.api.exporting import exported, not_of_others
from netlang.api.judging import are_given, measures, samples_kept
from netlang.api.predictions import Predicted, framed, labels_of, predictions, probabilities
from netlang.api.samples import inputs_of, samples_of
from netlang.api.writing import written
from netlang.catalogue.data import Samples
from netlang.compiler.answers import Answers, ClassAnswers, SeveralAnswers, answers_of
from netlang.compiler.ir import Program
from netlang.compiler.passes import Compilation
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.python import NoSuchAnswer, NotTrained
from netlang.language.diagnostics.wording import type_of
from netlang.runs.models import texts
from netlang.runs.models.trained import TrainedModel
from netlang.system.files import write_whole

if TYPE_CHECKING:
    from torch import Tensor

    from netlang.api.compiled import CompiledModel

_ENDING = ".safetensors"  # of a model file, as what reads it goes by that, too


class Answering(Described):
    """What a file describes, and the network that was ``trained``, if it is there: that of the run
    or the file that is ``named`` so, if there is one.
    """

    def __init__(
        self,
        compilation: Compilation,
        overrides: tuple[str, ...],
        trained: TrainedModel | None,
        named: str,
    ) -> None:
        super().__init__(compilation, overrides)
        self._trained, self._named = trained, named
        self._labels: Any = None  # the classes as y had them, where that came from Python
        self._asked = threading.Lock()  # a network answers one thread at a time

    @property
    def program(self) -> Program:
        return self._trained.program if self._trained else super().program

    @property
    def _known_program(self) -> Program | None:
        return self._trained.program if self._trained else super()._known_program

    def outputs(self, X: Any) -> Any:
        """The network's own outputs for the samples X, dropout off: an array of NumPy.

        Shape: [N, *].  Raises NetError for samples that do not fit, and before ``fit``.
        """
        return self._outputs_of(X, "give outputs").numpy()

    def predict(self, X: Any, *, as_frame: bool = False) -> Predicted:
        """What the model says of the samples X: an array of NumPy.

        It has a class for each sample [N], whole numbers where classes are called so, and else
        texts; numbers in the units of the data, [N] or [N, targets]; or 0 and 1 for several labels,
        [N, labels]. Of several outputs, it is a dict of such arrays. ``as_frame`` gives instead the
        columns that ``netlang predict`` adds, as a frame of the kind of X, with its index. Where
        the network gives no number, as for rows that lack cells if training left such out, the
        answer is None, or NaN.

        Raises NetError for samples that do not fit, and before ``fit``.
        """
        outputs = self._outputs_of(X, "predict")
        if as_frame:
            return framed(self._answers, self._source.name, outputs, X)
        return predictions(self._answers, outputs, self._labels)

    def predict_proba(self, X: Any) -> Predicted:
        """The probability of each class, [N, classes], in the order of ``classes``; of several
        labels, [N, labels].

        Raises NetError where the model predicts numbers, and as ``predict`` does.
        """
        outputs = self._outputs_of(X, "predict")
        return probabilities(self._answers, self._source.name, outputs)

    def compiled(self) -> CompiledModel:
        """The trained model as compiled C, which answers a sample within microseconds, and many
        several times as fast: ``ask = model.compiled()``, and then ``ask.predict(X)``,
        ``ask.predict_proba(X)``, ``ask.outputs(X)`` or ``ask.evaluate(X, y)``.

        It is as the model was then.  Raises NetError before ``fit``, and where there is no C for a
        layer, or no compiler.
        """
        from netlang.api.compiled import CompiledModel
        from netlang.engine.native.cc import NotCompiled
        from netlang.lowering.lowerings import Unsupported

        trained, name = self._require("be compiled"), self._source.name
        try:
            own = self._own_samples(trained)
            return CompiledModel(name, trained, self._answers, self._labels, own)
        except (Unsupported, NotCompiled) as reason:
            problem, help = f"it cannot be compiled: {reason}", "`model.predict(X)` answers as well"
            raise NetError(NoSuchAnswer(None, name, problem, help)) from None

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
        """What a network that was trained on a text writes behind the ``prompt``: so many symbols,
        as ``netlang predict --prompt`` prints them.

        Each is drawn by its probability, more boldly at a higher ``temperature``, and at 0 it is
        the most probable one; from the ``top_k`` most probable ones, and those that have the
        probability ``top_p`` together.
        Raises NetError for a model of no text, and for a prompt that it cannot read.
        """
        trained = self._require("write")
        drawing = texts.Drawing(temperature, top_k, top_p)
        with self._asked:
            return written(trained, prompt, length, drawing, seed, self._source.name)

    def evaluate(
        self, X: Any = None, y: Any = None, *, sample_weight: Any = None
    ) -> dict[str, float]:
        """How good the model is: all metrics that say something of it, and the loss, by name.

        Without X, on the test part of the file's own data, or on what comes nearest to it. After
        ``fit(X, y)`` that is a part of X if ``load`` was told ``data__test=0.2``, and else all of
        it, of which a warning tells. ``sample_weight`` [N] says how much each counts in the loss.
        Raises NetError for samples that do not fit, and before ``fit``.
        """
        trained = self._require("be evaluated")
        if are_given(X, y, sample_weight):
            samples = samples_of(X, y, sample_weight, trained, self._labels)
        else:
            samples = self._own_samples(trained)()
        with self._asked:
            outputs = trained.outputs(samples.inputs)
        return measures(trained, self._answers, samples, outputs)

    @property
    def classes(self) -> Any:
        """The classes of a trained model, in the order of their probabilities: an array [classes];
        of several outputs a dict of those that have classes.

        Raises NetError before ``fit``, and where it tells no classes.
        """
        answers = self._answers
        if isinstance(answers, ClassAnswers):
            return labels_of(answers.classes) if self._labels is None else self._labels
        if isinstance(answers, SeveralAnswers):
            each = [(part.name, one) for part, one in answers.outputs]
            return {n: labels_of(one.classes) for n, one in each if isinstance(one, ClassAnswers)}
        problem = "this model has no classes of its own"
        help = "`model.predict(X)` gives what it says"
        raise NetError(NoSuchAnswer(None, self._source.name, problem, help))

    @property
    def metrics(self) -> dict[str, float]:
        """What was measured of the weights that the model has, by path, such as ``test.accuracy``.

        Raises NetError before ``fit``.
        """
        return dict(self._require("tell its metrics").kept.metrics)

    @property
    def weights(self) -> Mapping[str, Any]:
        """The weights by name, such as ``linear1.weight``, as arrays of NumPy: copies of them.

        Raises NetError before ``fit``.
        """
        tensors = self._require("show its weights").kept.tensors
        return {name: tensor.numpy().copy() for name, tensor in tensors.items()}

    def save(self, path: str | Path) -> Path:
        """Keep the trained model whole in a file, which ``netlang.open`` and ``netlang predict``
        read: its weights, its text, and what it learned of its data. Its name ends in
        ``.safetensors``.

        Raises NetError before ``fit``, for another ending, and for a file that is there and that
        netlang has not written; OSError for one that cannot be written.
        """
        if not isinstance(path, str | os.PathLike):
            raise TypeError(f"save takes the path of a file, not {type_of(path)}")
        path = Path(path)
        if path.suffix.lower() != _ENDING:
            meant = path.with_suffix(_ENDING).name if path.name else f"model{_ENDING}"
            problem = f"`{path.name}` does not say that it is a model file"
            raise NetError(NoSuchAnswer(None, str(path), problem, f"write `{meant}`"))
        content = self.to_bytes()
        not_of_others(path.parent, [path.name])
        write_whole(path, content)
        return path

    def to_bytes(self) -> bytes:
        """The same file, as bytes.  Raises NetError before ``fit``."""
        return self._require("be saved").kept.to_bytes()

    def export(
        self, target: Literal["onnx", "numpy", "c", "torch"], path: str | Path
    ) -> list[Path]:
        """Write the trained network for a runtime without netlang, and return the files: "onnx",
        "numpy", "c" or "torch", as ``netlang export`` does.

        It takes raw data, and answers as ``predict`` does. ``path`` is that of the first file;
        others stand beside it, and are called alike.
        Raises NetError before ``fit``, for another target, and for what the target cannot say.
        """
        trained = self._require("be exported").trained_program
        return exported(trained, target, Path(path))

    def _outputs_of(self, X: Any, do: str) -> Tensor:
        trained = self._require(do)
        inputs = inputs_of(X, trained)
        with self._asked:
            return trained.outputs(inputs)

    def _own_samples(self, trained: TrainedModel) -> Callable[[], Samples]:
        """What gives those that the model is judged by."""
        return partial(samples_kept, self._source.name, self._named, trained)

    def _require(self, do: str) -> TrainedModel:
        if self._trained is None:
            raise NetError(NotTrained(None, self._source.name, do))
        return self._trained

    @property
    def _answers(self) -> Answers:
        trained = self._require("answer")
        return answers_of(trained.program, trained.kept.pipeline)
