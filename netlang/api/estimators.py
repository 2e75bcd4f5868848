"""Networks as estimators of scikit-learn: they stand in its pipelines, searches and scores.

What a file says by name is a parameter, so that a search tries values of it: `hidden`, and
`optimizer.lr`. An estimator is pickled as plain data and the bytes of its model file.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from netlang.api.changes import as_keyword, changes_of, dotted
from netlang.api.frames import kind_of_frame, unfit
from netlang.api.given import Given, given_program, warn_of_data
from netlang.api.given.cells import is_missing
from netlang.api.given.labels import labels_in
from netlang.api.history import History
from netlang.api.loading import source_of
from netlang.api.model import Model
from netlang.api.progress import progress
from netlang.api.targets import plain
from netlang.catalogue.own import use_interpreter
from netlang.catalogue.settings import SETTINGS
from netlang.compiler.passes.stated import Stated, stated
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.suggest import nearest
from netlang.language.source import SourceFile
from netlang.runs.models.trained import TrainedModel, model_in
from netlang.runs.training.events import EpochDone
from netlang.runs.training.model_file import ModelFile
from netlang.runs.training.training import Training
from netlang.system.lazy import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEFAULT_NET = """\
hidden = 64
net = Linear(_, hidden) -> ReLU -> Linear(hidden, hidden) -> ReLU -> Linear(hidden, _)
optimizer = Adam(lr=1e-2)
epochs = 100
batch = 256
"""
_OWN = ("epochs", "batch", "seed")  # settings that have a parameter
_EARLY = '`stop="Early(validation.loss)"` ends early, with `data__validation=0.1`'
# What estimators of scikit-learn and others call it, and what to do here.
_ELSEWHERE = {
    "max_iter": "write `epochs`.",
    "n_epochs": "write `epochs`.",
    "max_epochs": "write `epochs`.",
    "batch_size": "write `batch`.",
    "random_state": "write `seed`.",
    "learning_rate": "write `optimizer__lr`.",
    "learning_rate_init": "write `optimizer__lr`.",
    "lr": "write `optimizer__lr`.",
    "alpha": "write `optimizer__weight_decay`.",
    "solver": 'write `optimizer="SGD(0.1)"`, or another one.',
    "hidden_layer_sizes": "the text `net` has the layers, and `hidden=64` sets its constant.",
    "activation": "the text `net` has the layers, `Linear(_, 64) -> Tanh -> Linear(64, _)`.",
    "class_weight": 'write `data__weights="balanced"`, or give `fit` a `sample_weight`.',
    "early_stopping": f"{_EARLY}.",
    "n_iter_no_change": f"{_EARLY}.",
    "tol": f"{_EARLY}.",
    "validation_fraction": "write `data__validation`.",
    "warm_start": "`partial_fit` goes on with what was learned.",
    "n_jobs": "a search has it, and `cross_val_score`; a fit runs in the threads of torch.",
}


class _NetEstimator(BaseEstimator):  # type: ignore[misc]  # mypy knows nothing of scikit-learn
    """What both estimators have: parameters, ``fit``, and how they are kept."""

    _task: str

    def __init__(
        self,
        net: str | os.PathLike[str] = DEFAULT_NET,
        *,
        epochs: int | None = None,
        batch: int | None = None,
        seed: int | None = None,
        verbose: int = 0,
        **constants: Any,
    ) -> None:
        self.net = net
        self.epochs, self.batch, self.seed, self.verbose = epochs, batch, seed, verbose
        self._constants = {dotted(name): one for name, one in constants.items()}

    # Parameters

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters: those of the constructor, and with ``deep`` all that the file says by
        name, such as ``hidden`` or ``optimizer.lr``.
        """
        own = {**super().get_params(deep=False), **self._constants}
        if not deep:
            return own
        said = self._stated()
        return {**({} if said is None else said.values), **own}

    def set_params(self, **params: Any) -> Self:
        """Set parameters, those of the file among them: ``optimizer.lr``, or ``optimizer__lr``.

        Raises ValueError for what is no parameter.
        """
        named = {*self._get_param_names()}
        for name in named.intersection(params):
            setattr(self, name, params[name])
        rest = {dotted(name): one for name, one in params.items() if name not in named}
        said = self._stated() if rest else None
        for name in rest:
            if said and name not in said.values and not _is_of_a_setting(name):
                raise ValueError(self._no_parameter(name, said))
        self._constants = {**self._constants, **rest}
        return self

    def _no_parameter(self, name: str, said: Stated) -> str:
        own = sorted({*said.values, *self._get_param_names()})
        _, _, last = name.rpartition(".")
        argument = next((one for one in own if one.endswith(f".{last}")), None)
        meant = argument or nearest(name, own)
        help = _ELSEWHERE.get(name) or (f"did you mean {meant!r}?" if meant else "")
        begin = f"Invalid parameter {name!r} for {type(self).__name__}"
        valid = f"Valid parameters are: {own}, and arguments of settings"
        return f"{begin}: {help} {valid}." if help else f"{begin}. {valid}."

    def _stated(self) -> Stated | None:
        """What the file says; None where it cannot be read, which ``fit`` tells."""
        try:
            source = source_of(self.net)
            use_interpreter(source.text)
            return _said(source.text, source.path, self._overrides(source))
        except (NetError, TypeError):
            return None

    def _overrides(self, source: SourceFile) -> tuple[str, ...]:
        own = {name: getattr(self, name) for name in _OWN if getattr(self, name) is not None}
        return changes_of(source, {**own, **self._constants}, by=type(self).__name__)

    # Training

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Train anew on the rows X [N, columns], an array or a frame, and their targets y.

        ``sample_weight`` [N] says how often each row counts: just as if it were so often there,
        where a step takes all rows.  Raises ValueError for what cannot be learned from.
        """
        X, y = self._checked(X, y, reset=True)
        self._begin(X, y, sample_weight, joins_equal=True)
        return self

    def _go_on(self, X: Any, y: Any, sample_weight: Any, classes: Any = None) -> Self:
        """Train for an epoch on further rows; the first ones say how columns are scaled."""
        is_first = not hasattr(self, "model_")
        X, y = self._checked(X, y, reset=is_first)
        if is_first:
            self._begin(X, y, sample_weight, epochs=1, classes=classes)
            return self
        self.model_.partial_fit(X, y, sample_weight=sample_weight)
        self.history_ = [*self.model_.history]
        self.n_iter_ = len(self.history_)
        return self

    def _begin(
        self, X: Any, y: Any, sample_weight: Any, epochs: int | None = None, **how: Any
    ) -> None:
        source = source_of(self.net)
        use_interpreter(source.text)
        self._check_names()
        about = source, self._overrides(source), X, y, sample_weight
        try:
            given = given_program(*about, task=self._task_of(y), **how)
        except NetError as error:
            raise NetError(*map(as_keyword, error.diagnostics)) from None
        if self.verbose:  # a search would repeat it
            warn_of_data(given.compilation.diagnostics)
        program = given.program if epochs is None else given.program.with_settings(epochs=epochs)
        self._train(Training(program), given, goes_on=epochs is not None)

    def _check_names(self) -> None:
        """Raises TypeError for a parameter that other estimators have, and this file has not."""
        said = self._stated()
        for name in self._constants if said else ():
            if name in _ELSEWHERE and said and name not in said.values:
                raise TypeError(f"{type(self).__name__} takes no `{name}`: {_ELSEWHERE[name]}")

    def _train(self, training: Training, given: Given, goes_on: bool) -> None:
        """Run the training, which is kept where it ``goes_on``: it has the optimizer's state."""
        epochs = []
        name = given.program.source.name
        with ExitStack() as stack:
            shown = progress(name, True) if self.verbose else None
            watch = stack.enter_context(shown) if shown else None
            for event in training.events():
                if isinstance(event, EpochDone):
                    epochs.append(event)
                if watch:
                    watch(event)
        trained = TrainedModel(training.model(), training.program, training.engine)
        kept = training if goes_on else None
        self.model_ = Model.of(trained, History.of(epochs), given.labels, training=kept)
        self.history_, self.n_iter_ = [*self.model_.history], len(epochs)
        self._learned(given)

    def _learned(self, given: Given) -> None:
        """Take what the fit has told of the targets."""

    def _task_of(self, y: Any) -> str:
        return self._task

    def _checked(self, X: Any, y: Any, reset: bool, with_targets: bool = True) -> tuple[Any, Any]:
        """X and y, once all is checked that can be without the file.  Raises ValueError."""
        if getattr(X, "ndim", 2) > 2:
            takes = f"{type(self).__name__} takes rows of a table, [N, columns]"
            help = "netlang.load(net).fit(X, y) takes pictures and sequences"
            raise ValueError(f"Found array with dim {X.ndim}, and {takes}: {help}")
        targets = {"y": y} if with_targets else {}
        if kind_of_frame(X):
            validate_data(self, X, **targets, reset=reset, skip_check_array=True)
        else:
            finite = "allow-nan" if self._allows_nan else True
            about = {"reset": reset, "ensure_all_finite": finite}
            targets |= {"multi_output": True} if with_targets else {}
            found = validate_data(self, X, **targets, **about)
            X = found[0] if with_targets else found
        if not with_targets:
            return X, None
        y = check_array(y, ensure_2d=False, dtype=None, input_name="y", estimator=self)
        check_consistent_length(X, y)
        return X, y

    def _asked(self, X: Any) -> Any:
        """X for a prediction.  Raises NotFittedError, and ValueError."""
        check_is_fitted(self, "model_")
        X = self._checked(X, None, reset=False, with_targets=False)[0]
        if kind_of_frame(X) and not hasattr(self, "feature_names_in_"):
            return X.to_numpy()  # scikit-learn has said that names were not expected
        return X

    @property
    def _allows_nan(self) -> bool:
        said = self._stated()
        missing = said.data.values.get("missing", "refuse") if said and said.data else "refuse"
        return str(self._constants.get("data.missing", missing)) != "refuse"

    def predict(self, X: Any) -> NDArray[Any]:
        """What is predicted of the rows X.  Raises NotFittedError, and ValueError."""
        X = self._asked(X)
        return self.model_.predict(X)  # type: ignore[no-any-return]

    # How it is kept

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "model_" in state:
            state["model_"] = self.model_.to_bytes()
        return state

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        kept = state.get("model_")
        super().__setstate__({name: one for name, one in state.items() if name != "model_"})
        if kept is not None:
            trained = model_in(ModelFile.from_bytes(kept), Path("a pickled model"))
            self.model_ = Model.of(trained, History(self.history_), self._labels())

    def _labels(self) -> Any:
        """The classes as y had them; None where there are none."""
        return None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self._allows_nan
        tags.input_tags.sparse = False
        tags.non_deterministic = False
        tags.target_tags.required = True
        return tags


def _check_cells(y: NDArray[Any]) -> None:
    """Raises NetError for classes that are missing, or of several types, in an array of objects."""
    if y.dtype.kind == "O" and y.ndim == 1:
        if lacking := [row for row, one in enumerate(y.tolist()) if is_missing(one)]:
            raise unfit("y", f"y[{lacking[0]}] is no class, but missing", "leave its row out")
        labels_in(y)


def _is_of_a_setting(name: str) -> bool:
    """Whether ``name`` is that of a setting, or of an argument of one."""
    first, dot, _ = name.partition(".")
    return first in SETTINGS and (not dot or bool(SETTINGS[first].item))


@functools.lru_cache(32)  # a search asks for each of its trials, and again
def _said(text: str, path: Path | None, overrides: tuple[str, ...]) -> Stated:
    return stated(SourceFile("net", text, path), overrides)


class NetClassifier(ClassifierMixin, _NetEstimator):  # type: ignore[misc]
    """A network that tells classes, or labels that do not exclude each other.

    ``net`` is a path, or the text itself, as for ``netlang.load``; what a file does not say of its
    training has a default. ``epochs``, ``batch`` and ``seed`` replace those of the file, and so do
    ``constants`` what it says by name: ``hidden=50``, ``optimizer__lr=1e-3``, which may also be
    written ``**{"optimizer.lr": 1e-3}``. All of these are parameters that a search may try. With
    ``verbose``, ``fit`` shows how it goes.

    y is a class for each row, of any type, or labels [N, labels] of 0 and 1. X is an array of
    numbers [N, columns], or a frame, whose texts are categories; cells may be missing where the
    file's table says what becomes of them, or ``data__missing="median"`` does. Pictures and
    sequences are for ``netlang.load(net).fit(X, y)``.

    After ``fit``, ``classes_`` are the classes in their order, ``history_`` has a dict of metrics
    for each epoch, and ``model_`` is the ``netlang.Model``, which can be saved and exported.

    >>> from netlang import NetClassifier
    >>> model = NetClassifier("hidden = 8\\nnet = Linear(_, hidden) -> Tanh -> Linear(hidden, _)")
    >>> model.fit([[0.0], [1.0], [2.0], [3.0]], ["low", "low", "high", "high"]).classes_.tolist()
    ['high', 'low']
    """

    _task = "classification"

    def predict_proba(self, X: Any) -> NDArray[Any]:
        """The probability of each class, in the order of ``classes_``: [N, classes].

        Raises NotFittedError, and ValueError.
        """
        X = self._asked(X)
        return self.model_.predict_proba(X)  # type: ignore[no-any-return]

    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None
    ) -> NetClassifier:
        """Train for one epoch more, on these rows. The first call, or ``fit``, says how columns are
        scaled and which classes there are: ``classes`` has all of them where y may lack some.
        """
        return self._go_on(X, y, sample_weight, classes)

    def predict_log_proba(self, X: Any) -> NDArray[Any]:
        """The logarithms of ``predict_proba``."""
        return np.log(self.predict_proba(X))  # type: ignore[no-any-return]

    def _checked(self, X: Any, y: Any, reset: bool, with_targets: bool = True) -> tuple[Any, Any]:
        y = plain(y) if isinstance(y, list) and y else y  # in which a NaN is no text
        X, y = super()._checked(X, y, reset, with_targets)
        if y is not None:
            _check_cells(y)
            check_classification_targets(y)
            if not type_of_target(y).startswith("multilabel"):
                y = column_or_1d(y, warn=True)
        return X, y

    def _task_of(self, y: Any) -> str:
        return "labels" if y.ndim > 1 else "classification"

    def _learned(self, given: Given) -> None:
        self.classes_ = given.labels
        if given.labels is None:
            assert given.program.description
            self.classes_ = np.arange(given.program.description.targets)

    def _labels(self) -> Any:
        return self.classes_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class NetRegressor(RegressorMixin, _NetEstimator):  # type: ignore[misc]
    """A network that predicts numbers: one for each row, or several, as y has them.

    The parameters are those of ``NetClassifier``. The default net has no weight decay, which suits
    many rows or little noise; for few rows with much noise, as the 442 of scikit-learn's diabetes,
    ``optimizer="AdamW(1e-2, weight_decay=3)"`` predicts better.

    >>> from netlang import NetRegressor
    >>> NetRegressor(epochs=5).fit([[0.0], [1.0], [2.0]], [1.0, 2.0, 3.0]).predict([[1.0]]).shape
    (1,)
    """

    _task = "regression"

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> NetRegressor:
        """Train for one epoch more, on these rows. The first call, or ``fit``, says how columns and
        numbers to predict are scaled.
        """
        return self._go_on(X, y, sample_weight)

    def _checked(self, X: Any, y: Any, reset: bool, with_targets: bool = True) -> tuple[Any, Any]:
        X, y = super()._checked(X, y, reset, with_targets)
        if y is not None and y.dtype.kind == "O":
            y = y.astype(np.float64)
        return X, y

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
