"""A model is what Python has of a file: it is checked, trained, asked and kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Never, Self

from netlang.api import callbacks as calls
from netlang.api.callbacks import Callback
from netlang.api.changes import as_python
from netlang.api.exporting import exported
from netlang.api.given import given_program, is_in_memory
from netlang.api.history import History, Measures
from netlang.api.keeping import KeptTraining
from netlang.api.predictions import Predicted, framed, labels_of, predictions, probabilities
from netlang.api.progress import progress
from netlang.api.samples import inputs_of, samples_of, targets_of
from netlang.api.views import Drawing, Summary
from netlang.api.writing import written
from netlang.catalogue.data import Samples
from netlang.catalogue.settings import SETTINGS, plain_settings
from netlang.compiler.answers import Answers, ClassAnswers, SeveralAnswers, answers_of
from netlang.compiler.ir import Program
from netlang.compiler.passes import Compilation, compile_source
from netlang.compiler.passes.analysis import Analysis
from netlang.compiler.passes.values import Constant
from netlang.language.diagnostics import Diagnostic, NetError
from netlang.language.diagnostics.messages.python import NoSuchAnswer, NotTrained
from netlang.language.diagnostics.messages.settings import MissingSettings
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import type_of
from netlang.language.source import SourceFile
from netlang.runs.models import texts
from netlang.runs.models.evaluator import Evaluator
from netlang.runs.models.model_path import model_path
from netlang.runs.models.own_data import NoData, own_data
from netlang.runs.models.trained import TrainedModel, model_in
from netlang.runs.training.events import EpochDone, Finished
from netlang.runs.training.further import FurtherSamples, further_training
from netlang.runs.training.model_file import ModelFile
from netlang.runs.training.training import Training
from netlang.system.files import write_whole

if TYPE_CHECKING:
    from torch import Tensor

# What the files of other programs are called, for which a model file would be taken.
_OF_OTHERS = (".pt", ".pth", ".pkl", ".pickle", ".joblib", ".onnx", ".h5", ".keras", ".npz")


class Model:
    """A network, its data and its training, as a file says them.

    ``netlang.load`` makes one of a file, and ``netlang.open`` one that is trained, of a run.

    >>> import netlang
    >>> model = netlang.load("Linear(1, 2)", optimizer="Adam(0.1)", epochs=50)
    >>> model = model.fit([[0.0], [1.0], [2.0], [3.0]], ["low", "low", "high", "high"])
    >>> model.predict([[0.5], [2.5]])
    array(['low', 'high'], dtype='<U4')
    """

    def __init__(
        self,
        compilation: Compilation,
        overrides: tuple[str, ...] = (),
        trained: TrainedModel | None = None,
        named: str = "",
        history: History | None = None,
    ) -> None:
        self._compilation, self._overrides = compilation, overrides
        self._trained, self._named = trained, named
        self._training: Training | None = None
        self._result: Finished | None = None
        self._history = history or History()
        self._labels: Any = None  # the classes as y had them, where that came from Python

    @classmethod
    def of(
        cls,
        trained: TrainedModel,
        history: History,
        labels: Any = None,
        named: str = "",
        training: Training | None = None,
    ) -> Self:
        """The model of a ``trained`` network, whose classes are ``labels`` where Python has them:
        of the run or the file that is ``named`` so, if there is one, or of a ``training`` that is
        to go on.
        """
        program = trained.program
        compilation = Compilation(program.source, program, (), Analysis())
        made = cls(compilation, program.overrides, trained, named, history)
        made._labels, made._training = labels, training
        return made

    # What the file says

    @property
    def source(self) -> str:
        """The text of the file."""
        return self._source.text

    @property
    def program(self) -> Program:
        """What the file was compiled to.  Raises NetError while sizes are open that only data
        tell.
        """
        return self._trained.program if self._trained else self._compilation.require()

    @property
    def constants(self) -> dict[str, Any]:
        """The constants of the file, and the plain settings, by name: what ``load`` can change.

        >>> import netlang
        >>> netlang.load("block wide(n) = Linear(2, n)\\nnet = wide(3)", epochs=5).constants
        {'epochs': 5, 'batch': 32, 'seed': 0}
        """
        program = self._trained.program if self._trained else self._compilation.program
        analysis = self._compilation.analysis
        if not analysis.files and program:  # it was opened, and its text is not analysed yet
            about = self._source, self._overrides
            analysis = compile_source(*about, described=program.description).analysis
        values = analysis.values.items()
        own = {name: one.plain for name, one in values if isinstance(one, Constant)}
        plain = {n: program.settings.get(n) for n in plain_settings()} if program else {}
        every = {**plain, **own}.items()
        return {name: as_python(one) for name, one in every if one is not None}

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
    def parameters(self) -> int:
        """How many weights the network has."""
        return self.program.graph.weights

    def check(self) -> Diagnostics:
        """What looks like a mistake in the file, a warning each: an empty list if nothing does.

        It prints as the command line prints it.
        """
        return Diagnostics(self._compilation.diagnostics)

    def summary(self) -> Summary:
        """The layers, their shapes, and what they cost; it prints as ``netlang summary`` does.

        Raises NetError while sizes are open that only data tell.
        """
        return Summary(self.program)

    def graph(self, *, expand: bool = False) -> Drawing:
        """The network's graph, which prints as text, and has ``svg``, ``mermaid`` and ``dot``.

        With ``expand``, every copy of a repeat is drawn, not one. Raises as ``summary`` does.
        """
        return Drawing(self.program, expand)

    # Training

    def fit(
        self,
        X: Any = None,
        y: Any = None,
        *,
        sample_weight: Any = None,
        callbacks: Callback | Iterable[Callback] = (),
        backend: str = "auto",
        verbose: bool | None = None,
        keep: str | Path | None = None,
        **settings: Never,
    ) -> Self:
        """Train, and return this model, which is trained then.

        Without X, on the data that the file names. With X, samples in memory take their place: rows
        of an array, a tensor, a frame of pandas or polars. y has their targets, and
        ``sample_weight`` [N] how much each counts in the loss. Weights are drawn anew, by the
        file's seed: a second ``fit`` forgets the first.

        ``callbacks`` get the events of the training: Started, StepsDone, EpochDone, Finished. One
        that returns True, or raises StopTraining, ends it. ``backend`` is "auto", "tensor" or
        "native". A notebook's cell and a terminal show how it goes, unless ``verbose`` is False; if
        it is True, so do lines elsewhere. ``keep="runs"`` keeps the run in a new folder in `runs`,
        as ``netlang run`` does; without it, nothing is written.

        Raises NetError for a file that lacks what training needs, for data that do not fit, and
        where training diverges; OSError for a folder that cannot be written.
        """
        if settings:
            raise TypeError(_no_settings([*settings]))
        each = calls.checked(callbacks)
        with ExitStack() as stack:
            shown = progress(self._source.name, verbose)
            if shown:
                stack.enter_context(shown)
            training = Training(self._to_train(X, y, sample_weight), backend)
            self._history, self._named = History(), ""
            if keep is not None:
                kept = stack.enter_context(KeptTraining(Path(keep), training, backend))
                self._named, each = str(kept.path), [kept, *each]
            self._train(training, [shown, *each] if shown else each)
        return self

    def partial_fit(
        self,
        X: Any = None,
        y: Any = None,
        *,
        sample_weight: Any = None,
        epochs: int = 1,
        classes: Any = None,
        callbacks: Callback | Iterable[Callback] = (),
        verbose: bool | None = False,
    ) -> Self:
        """Go on with the training for some ``epochs`` more, and return this model.

        With X and y, it goes on with these samples, which are encoded as those of the first fit:
        by its scales, categories and classes. The optimizer goes on as it was, too, at its own
        learning rate. Without them, it goes on with the same samples as before, to the bits that a
        longer training comes to. A model that was not trained yet begins with them; ``classes``
        then has all that a later y may hold.

        Raises NetError and TypeError as ``fit`` does.
        """
        each = calls.checked(callbacks)
        if X is None and (y is not None or sample_weight is not None):
            raise TypeError("partial_fit takes X and y, or neither: then it goes on as before")
        if type(epochs) is not int or epochs < 1:
            raise ValueError(f"partial_fit takes a whole number of epochs, not {epochs!r}")
        training = self._to_go_on(X, y, sample_weight, epochs, classes)
        first = self._trained if X is not None else None
        with ExitStack() as stack:
            if shown := progress(self._source.name, verbose):
                each = [stack.enter_context(shown), *each]
            self._train(training, each)
        if first and self._trained:  # what the first fit has learned of its data stays
            kept = self._trained.kept.replace(description=first.kept.description)
            self._trained = self._trained.replace(kept=kept, program=first.program)
        return self

    def _to_go_on(self, X: Any, y: Any, sample_weight: Any, epochs: int, classes: Any) -> Training:
        trained, before = self._trained, self._training
        if trained is None:
            program = self._to_train(X, y, sample_weight, classes)
            return Training(program.with_settings(epochs=epochs))
        if X is None:
            if before is None:
                help = "give samples: `model.partial_fit(X, y)`, or begin anew: `model.fit()`"
                problem = "this model was opened, and has no training to go on with"
                raise NetError(NoSuchAnswer(None, self._source.name, problem, help))
            program = before.program.with_settings(epochs=before.epoch - 1 + epochs)
            return Training(program, start=before.checkpoint())
        samples = samples_of(X, y, sample_weight, trained)
        further = FurtherSamples.of(samples, trained.program, trained.kept.pipeline)
        return further_training(trained.program, further, epochs, before or trained.kept.tensors)

    def _to_train(self, X: Any, y: Any, sample_weight: Any, classes: Any = None) -> Program:
        if X is None:
            if y is not None or sample_weight is not None:
                raise TypeError("fit takes X and y, or neither: then it is about the file's data")
            self._labels = None
            made = compile_source(self._source, self._overrides, to_run=True)
            if missing := [one for one in made.diagnostics if isinstance(one, MissingSettings)]:
                raise NetError(*missing)  # sizes may be open because data are missing
            return made.require()
        about = self._source, self._overrides, X, y, sample_weight
        given = given_program(*about, classes=classes)
        self._labels, self._compilation = given.labels, given.compilation
        return given.program

    def _train(self, training: Training, each: Iterable[Callback]) -> None:
        before = len(self._history) - (training.epoch - 1)  # epochs of trainings before this one
        self._training = training
        self._trained = self._result = None
        events = training.events()
        try:
            for event in events:
                if isinstance(event, EpochDone):
                    done = event.replace(epoch=before + event.epoch)
                    self._history = History([*self._history, *History.of([done])])
                if isinstance(event, Finished):
                    self._result = event
                if calls.wants_the_end(each, event) and self._result is None:
                    self._result = training.finish()
                    calls.wants_the_end(each, self._result)
                    break
        except BaseException:  # also KeyboardInterrupt: what was learned so far is there
            training.break_off()
            if training.result_epoch:
                self._keep(training)
            raise
        self._keep(training)

    def _keep(self, training: Training) -> None:
        self._trained = TrainedModel(training.model(), training.program, training.engine)

    @property
    def history(self) -> History:
        """What was measured after each epoch: a list of dicts, with ``to_pandas()``."""
        return self._history

    @property
    def folder(self) -> Path | None:
        """The folder that keeps the run, where there is one."""
        return model_path(self._named).parent if self._named else None

    @property
    def metrics(self) -> dict[str, float]:
        """What was measured of the weights that the model has, by path, such as ``test.accuracy``.

        Raises NetError before ``fit``.
        """
        return dict(self._require("tell its metrics").kept.metrics)

    @property
    def result(self) -> Finished | None:
        """What came of the last ``fit``: its metrics, its time, and what was expected."""
        return self._result

    # What a trained model answers

    def outputs(self, X: Any) -> Tensor:
        """The network's own outputs for the samples X, dropout off.

        Shape: [N, *].  Raises NetError for samples that do not fit, and before ``fit``.
        """
        trained = self._require("give outputs")
        return trained.outputs(inputs_of(X, trained))

    def predict(self, X: Any, *, as_frame: bool = False) -> Predicted:
        """What the model says of the samples X: an array of NumPy.

        It has a class for each sample [N], whole numbers where classes are called so, and else
        texts; numbers in the units of the data, [N] or [N, targets]; or 0 and 1 for several labels,
        [N, labels]. Of several outputs, it is a dict of such arrays. ``as_frame`` gives instead the
        columns that ``netlang predict`` adds, as a frame of the kind of X, with its index.

        Raises NetError for samples that do not fit, and before ``fit``.
        """
        trained = self._require("predict")
        outputs = trained.outputs(inputs_of(X, trained))
        if as_frame:
            return framed(self._answers, self._source.name, outputs, X)
        return predictions(self._answers, outputs, self._labels)

    def predict_proba(self, X: Any) -> Predicted:
        """The probability of each class, [N, classes], in the order of ``classes``; of several
        labels, [N, labels].

        Raises NetError where the model predicts numbers, and as ``predict`` does.
        """
        trained = self._require("predict")
        return probabilities(
            self._answers, self._source.name, trained.outputs(inputs_of(X, trained))
        )

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
        return written(trained, prompt, length, drawing, seed, self._source.name)

    def evaluate(self, X: Any = None, y: Any = None) -> dict[str, float]:
        """How good the model is: all metrics that say something of it, and the loss, by name.

        Without X, on the test part of the file's own data, or on what comes nearest to it.
        Raises NetError for samples that do not fit, and before ``fit``.
        """
        trained = self._require("be evaluated")
        if X is None and y is not None:
            raise TypeError("evaluate takes X and y, or neither: then it is about the file's data")
        evaluator = Evaluator(trained.program, self._answers)
        if X is None:
            samples = self._own_samples(trained)
            evaluator.add(trained.outputs(samples.inputs), samples.targets, samples.weights)
        else:
            inputs = inputs_of(X, trained)
            evaluator.add(trained.outputs(inputs), targets_of(X, y, inputs, trained))
        return Measures(evaluator.evaluation().metrics)

    def _own_samples(self, trained: TrainedModel) -> Samples:
        """Those that the model is judged by.  Raises NetError where they cannot be had again."""
        if self._training:
            return self._training.split.judged
        try:
            if is_in_memory(trained.program):
                raise NoData("the data were in the memory of the program that trained this model")
            return own_data(self._named, trained).judged
        except NoData as reason:
            name, problem = self._source.name, str(reason)
            help = "give samples: `model.evaluate(X, y)`"
            raise NetError(NoSuchAnswer(None, name, problem, help)) from None

    def save(self, path: str | Path) -> Path:
        """Keep the trained model whole in a file, which ``netlang.open`` and ``netlang predict``
        read: its weights, its text, and what it learned of its data.

        Raises NetError before ``fit``, and OSError for a file that cannot be written.
        """
        if not isinstance(path, str | os.PathLike):
            raise TypeError(f"save takes the path of a file, not {type_of(path)}")
        path = Path(path)
        if path.suffix.lower() in _OF_OTHERS:
            meant = path.with_suffix(".safetensors").name
            problem = f"`{path.name}` would not hold what its name says"
            raise NetError(NoSuchAnswer(None, str(path), problem, f"write `{meant}`"))
        write_whole(path, self.to_bytes())
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

    @property
    def weights(self) -> Mapping[str, Any]:
        """The weights by name, such as ``linear1.weight``, as arrays of NumPy: copies of them.

        Raises NetError before ``fit``.
        """
        tensors = self._require("show its weights").kept.tensors
        return {name: tensor.numpy().copy() for name, tensor in tensors.items()}

    def __getstate__(self) -> dict[str, Any]:
        """For pickles and copies: plain data, and the bytes of the model file."""
        source = self._source
        return {
            "source": (source.name, source.text, source.path and str(source.path)),
            "overrides": self._overrides,
            "model": self._trained and self._trained.kept.to_bytes(),
            "history": [*self._history],
            "labels": self._labels,
            "named": self._named,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        name, text, path = state["source"]
        trained = state["model"] and model_in(ModelFile.from_bytes(state["model"]), Path(name))
        source = SourceFile(name, text, path and Path(path))
        history = History(state["history"])
        if trained:
            compilation = Compilation(source, trained.program, (), Analysis())
        else:
            compilation = compile_source(source, state["overrides"])
        Model.__init__(self, compilation, state["overrides"], trained, state["named"], history)
        self._labels = state["labels"]

    def _require(self, do: str) -> TrainedModel:
        if self._trained:
            return self._trained
        training = self._training
        if training is None or not training.result_epoch:
            raise NetError(NotTrained(None, self._source.name, do))
        # A callback asks, between two epochs.
        return TrainedModel(training.model(), training.program, training.engine)

    @property
    def _answers(self) -> Answers:
        trained = self._require("answer")
        return answers_of(trained.program, trained.kept.pipeline)

    @property
    def _source(self) -> SourceFile:
        return self._compilation.source

    def _repr_html_(self) -> str:
        from netlang.api.notebook.objects import model_html

        program = self._trained.program if self._trained else self._compilation.program
        metrics = self._trained.kept.metrics if self._trained else None
        outcomes = self._result.outcomes if self._result else ()
        return model_html(self._source, program, metrics, self._history, outcomes)

    def __repr__(self) -> str:
        is_trained = "trained" if self._trained else "not trained"
        return f"<netlang model {self._source.name}: {is_trained}>"


def _no_settings(names: Sequence[str]) -> str:
    """What to say of arguments that ``fit`` lacks: the file has them, or nobody."""
    name = names[0]
    setting = next((one.name for one in SETTINGS.values() if one.is_called(name)), None)
    setting = setting or nearest(name, SETTINGS)
    help = "it takes X, y, sample_weight, callbacks, backend, verbose and keep"
    if setting:
        help = f"the file says `{setting}`, and `netlang.load(..., {setting}=...)` another one"
    return f"fit takes no `{name}`: {help}"


class Diagnostics(list[Diagnostic]):
    """Diagnostics, which print as the command line prints them."""

    def __str__(self) -> str:
        from netlang.language.diagnostics.rendering.text import render_all

        return render_all(self) or "ok"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from netlang.api.notebook.objects import diagnostics_html

        return diagnostics_html(self)
