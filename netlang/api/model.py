"""A model is what Python has of a file: it is checked, trained, asked and kept."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never, Self

from netlang.api import callbacks as calls
from netlang.api.answering import Answering
from netlang.api.callbacks import Callback
from netlang.api.elsewhere import OF_FITS, OF_MODELS, absent
from netlang.api.given import given_program, is_in_memory, warn_of_data
from netlang.api.history import History
from netlang.api.keeping import KeptTraining, tracked
from netlang.api.progress import progress
from netlang.api.samples import samples_of
from netlang.catalogue.data import Samples, Split
from netlang.catalogue.settings import SETTINGS
from netlang.compiler.ir import Program
from netlang.compiler.passes import Compilation, compile_source
from netlang.compiler.passes.analysis import Analysis
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.python import NoSuchAnswer
from netlang.language.diagnostics.messages.settings import MissingSettings
from netlang.language.diagnostics.suggest import nearest
from netlang.language.diagnostics.wording import type_of
from netlang.language.source import SourceFile
from netlang.runs.models.model_path import model_path
from netlang.runs.models.trained import TrainedModel, model_in
from netlang.runs.training.events import EpochDone, Finished
from netlang.runs.training.further import FurtherSamples, further_training
from netlang.runs.training.model_file import ModelFile
from netlang.runs.training.training import Training

_LEARNED_FROM = (
    "evaluate() rates the samples that the model has learned from, as there are no others: give it "
    "some, evaluate(X, y), or hold a part out, load(..., data__test=0.2)"
)


class Model(Answering):
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
        if not isinstance(compilation, Compilation):
            raise TypeError("`netlang.load` makes a Model of a file, and `netlang.open` of a run")
        super().__init__(compilation, overrides, trained, named)
        self._training: Training | None = None
        self._result: Finished | None = None
        self._history = history or History()

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
        compilation = Compilation(program.source, program, trained.warnings, Analysis())
        made = cls(compilation, program.overrides, trained, named, history)
        made._labels, made._training = labels, training
        return made

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
        track: str | Iterable[str] | None = (),
        **settings: Never,
    ) -> Self:
        """Train, and return this model, which is trained then.

        Without X, on the data that the file names. With X, samples in memory take their place: rows
        of an array, a tensor, a frame of pandas or polars. y has their targets, and
        ``sample_weight`` [N] how much each counts in the loss. All of them are learned from, by
        what the file says of its own table, or ``load`` by name, such as
        ``**{"data.missing": "median", "data.test": 0.2}``. Weights are drawn anew, by the file's
        seed: a second ``fit`` forgets the first.

        ``callbacks`` get the events of the training: Started, StepsDone, EpochDone, Finished. One
        that returns True, or raises StopTraining, ends it. ``backend`` is "auto", "tensor" or
        "native", in whose place tensors train what C lacks: a warning then says so. A notebook's
        cell and a terminal show how it goes, and warnings tell what looks like a mistake in X and
        y, unless ``verbose`` is False; if it is True, so do lines elsewhere. ``keep="runs"`` keeps
        the run in a new folder in `runs`, as ``netlang run`` does, and ``track`` tells
        "tensorboard" or "mlflow" of it, or both; without ``keep``, nothing is written.

        Raises NetError for a file that lacks what training needs, for data that do not fit, and
        where training diverges; OSError for a folder that cannot be written.
        """
        if settings:
            raise calls.wrong_call(_no_settings([*settings]))
        each, trackers = calls.checked(callbacks), tracked(track, keep is not None)
        if not isinstance(keep, str | os.PathLike | None):
            raise calls.wrong_call(f'keep takes a folder, as in `keep="runs"`, not {type_of(keep)}')
        with self._or_as_before(), ExitStack() as stack:
            shown = progress(self._source.name, verbose)
            if shown:
                stack.enter_context(shown)
            program = self._to_train(X, y, sample_weight)
            if X is not None and verbose is not False:
                warn_of_data(self._compilation.diagnostics)
            training = Training(program, backend)
            if backend == "native" and training.engine.note and not shown and verbose is not False:
                warnings.warn(training.engine.note, stacklevel=2)
            self._history, self._named = History(), ""
            if keep is not None:
                kept = stack.enter_context(KeptTraining(Path(keep), training, backend, trackers))
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
            raise calls.wrong_call(
                "partial_fit takes X and y, or neither: then it goes on as before"
            )
        if type(epochs) is not int or epochs < 1:
            raise ValueError(f"partial_fit takes a whole number of epochs, not {epochs!r}")
        with self._or_as_before(), ExitStack() as stack:
            training = self._to_go_on(X, y, sample_weight, epochs, classes)
            first = self._trained if X is not None else None
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
                anew = "" if is_in_memory(trained.program) else ", or begin anew: `model.fit()`"
                help = f"give samples: `model.partial_fit(X, y)`{anew}"
                problem = "this model was opened, and has no training to go on with"
                raise NetError(NoSuchAnswer(None, self._source.name, problem, help))
            program = before.program.with_settings(epochs=before.epoch - 1 + epochs)
            return Training(program, start=before.checkpoint())
        samples = samples_of(X, y, sample_weight, trained, self._labels)
        further = FurtherSamples.of(samples, trained.program, trained.kept.pipeline)
        return further_training(trained.program, further, epochs, before or trained.kept.tensors)

    def _to_train(self, X: Any, y: Any, sample_weight: Any, classes: Any = None) -> Program:
        if X is None:
            if y is not None or sample_weight is not None:
                raise calls.wrong_call(
                    "fit takes X and y, or neither: then it is about the file's data"
                )
            own = self._trained.program if self._trained else None
            if own and own.overrides == self._overrides and is_in_memory(own):  # it was opened
                name, problem = self._source.name, "the data were in memory, and no file has them"
                raise NetError(NoSuchAnswer(None, name, problem, "give samples: `model.fit(X, y)`"))
            made = compile_source(self._source, self._overrides, to_run=True)
            if missing := [one for one in made.diagnostics if isinstance(one, MissingSettings)]:
                raise NetError(*map(_or_samples, missing))  # data that are missing leave sizes open
            self._labels = None
            return made.require()
        about = self._source, self._overrides, X, y, sample_weight
        given = given_program(*about, classes=classes)
        self._labels, self._compilation = given.labels, given.compilation
        return given.program

    @contextmanager
    def _or_as_before(self) -> Iterator[None]:
        """The model stays what it was where the body breaks off before an epoch is trained."""
        before = dict(vars(self))
        try:
            yield
        except BaseException:
            if self._trained in (None, before["_trained"]):
                vars(self).update(before)
            raise

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
        except BaseException as error:  # what was learned so far is there
            training.break_off()
            if training.result_epoch:
                self._keep(training)
            if isinstance(error, KeyboardInterrupt):
                raise calls.Interrupted(training.result_epoch) from None
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
    def result(self) -> Finished | None:
        """What came of the last ``fit``: its metrics, its time, and what was expected."""
        return self._result

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

    def _own_samples(self, trained: TrainedModel) -> Callable[[], Samples]:
        if self._training is None:
            return super()._own_samples(trained)
        return partial(_judged_of, self._training.split)

    def _require(self, do: str) -> TrainedModel:
        training = self._training
        if self._trained or training is None or not training.result_epoch:
            return super()._require(do)
        # A callback asks, between two epochs.
        return TrainedModel(training.model(), training.program, training.engine)

    if not TYPE_CHECKING:  # for which a class with it has every attribute

        def __getattr__(self, name):
            raise absent(self, name, {} if name.startswith("_") else OF_MODELS)

    def _repr_html_(self) -> str:
        from netlang.api.notebook.objects import model_html

        program = self._trained.program if self._trained else self._compilation.program
        metrics = self._trained.kept.metrics if self._trained else None
        outcomes = self._result.outcomes if self._result else ()
        return model_html(self._source, program, metrics, self._history, outcomes)

    def __repr__(self) -> str:
        is_trained = "trained" if self._trained else "not trained"
        return f"<netlang model {self._source.name}: {is_trained}>"


def _judged_of(split: Split) -> Samples:
    if split.judged is split.train:
        warnings.warn(_LEARNED_FROM, stacklevel=3)
    return split.judged


def _or_samples(found: MissingSettings) -> MissingSettings:
    """``found``, with the help that samples in memory take the place of data."""
    help = "or give samples in memory: `model.fit(X, y)`" if "data" in found.missing else None
    return found.replace(instead=help)


def _no_settings(names: Sequence[str]) -> str:
    """What to say of arguments that ``fit`` lacks: the file has them, or nobody."""
    name = names[0]
    setting = next((one.name for one in SETTINGS.values() if one.is_called(name)), None)
    setting = setting or nearest(name, SETTINGS)
    help = "it takes X, y, sample_weight, callbacks, backend, verbose, keep and track"
    if name in OF_FITS:
        help = OF_FITS[name]
    elif setting:
        help = f"the file says `{setting}`, and `netlang.load(..., {setting}=...)` another one"
    return f"fit takes no `{name}`: {help}"
