"""What a file may say of a table, beside the table's own name."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.data.dataset import DataSet
from netlang.catalogue.data.formats.request import TableRequest
from netlang.catalogue.data.table.roles import Roles

if TYPE_CHECKING:
    from netlang.catalogue.data.pipeline.scales import Scale


class TableArguments(DataSet, abstract=True):
    """The arguments of ``Table``, and what is asked of its file for them."""

    path: str = arg(
        doc="the file, relative to the folder of the file that names it; `*` in its name is for "
        "several of Parquet",
        known_as=("file", "filename", "file_path", "filepath"),
    )
    target: str | tuple[str, ...] = arg(
        doc="the column to predict, or a list of columns",
        known_as=("label", "labels", "y", "column", "targets"),
    )
    test: float | str = arg(
        default=0.2,
        at_least=0.0,
        below=1.0,
        doc="the share of rows to test on, 0 to learn from all of them, or a file of such rows",
        known_as=("test_size", "test_split"),
    )
    standardize: bool = arg(
        default=True,
        doc="bring inputs and numbers to predict to one scale, that of the training rows; false is "
        '`scale="none"`',
    )
    task: str = arg(
        default="auto",
        choices=("auto", "classification", "regression", "labels"),
        doc="what the target is; auto takes text and few whole numbers for classes, other numbers "
        "for regression, and several columns of 0 and 1, or of true and false, for labels; of "
        "several, a column of text has classes, and so has one of `categories`",
    )
    ignore: tuple[str, ...] = arg(
        default=(), doc="columns that are no inputs", known_as=("drop", "exclude", "skip")
    )
    delimiter: str = arg(
        default=",",
        choices=(",", ";", "\t", "|"),
        doc="what stands between cells",
        known_as=("sep",),
    )
    validation: float = arg(
        default=0.0, at_least=0.0, below=1.0, doc="the share of rows to choose between models by"
    )
    categories: tuple[str, ...] = arg(
        default=(),
        doc="columns of numbers that name categories, or classes",
        known_as=("categorical",),
    )
    missing: str = arg(
        default="refuse",
        choices=("refuse", "mean", "median", "indicator", "drop"),
        doc="what becomes of missing cells of inputs: the mean or the median of the training rows, "
        "or the most frequent category; indicator says besides, in an input, which were missing; "
        "drop leaves the row out; with any of these, rows without a target are left out",
        known_as=("na", "impute", "fill"),
    )
    group: str = arg(
        default="",
        doc="a column whose rows of one value stay in one part, such as a patient's",
        known_as=("groups", "group_by", "stratify_group"),
    )
    order: str = arg(
        default="",
        doc="a column of numbers or dates: the last rows by it are the test, those before validate",
        known_as=("time", "date", "sort", "order_by"),
    )
    split_seed: int | None = arg(
        default=None,
        at_least=0,
        doc="what the split depends on, if that is not the seed",
        known_as=("random_state",),
    )
    folds: int = arg(
        default=0,
        at_least=0,
        doc="in how many parts rows are dealt, each of which is the test of a training in its turn",
        known_as=("cv", "n_splits", "k"),
    )
    fold: int | None = arg(
        default=None,
        at_least=1,
        doc="the only fold to train, from 1, with its rows to test on",
        known_as=("test_fold",),
    )
    weights: str = arg(
        default="",
        doc='how much rows count in the loss, where metrics count all alike: "balanced" for all '
        "classes alike, or a column",
        known_as=("class_weight", "sample_weight", "weight"),
    )

    text: str | tuple[str, ...] = arg(
        default="",
        doc="a column of texts, or a list of them: each is an input of tokens, the same for all",
        known_as=("texts", "document", "sentence", "text_column"),
    )
    by: str = arg(
        default="words",
        choices=("words", "characters", "bytes"),
        doc="what the tokens of texts are: words in small letters, and marks; characters; or bytes",
        known_as=("tokenizer", "level"),
    )
    context: Size = arg(
        default=256,
        at_most=1 << 16,
        doc="the most tokens of a text: what comes behind them is left out",
        known_as=("max_length", "max_len", "maxlen", "sequence_length", "seq_len"),
    )
    vocabulary: Size = arg(
        default=10_000,
        doc="the most words that are tokens, the most frequent of those that several rows have; "
        "all others are one token",
        known_as=("tokens", "num_words", "max_tokens", "max_features", "vocab_size"),
    )

    codes: tuple[str, ...] = arg(
        default=(),
        doc="columns of categories that are an input of one token each, for an `Embedding`: 0 is "
        "any name that no training row has, and the others count from 1",
        known_as=("embed", "embeddings", "embedded", "categorical_embedding"),
    )

    scale: str = arg(
        default="standard",
        choices=("standard", "robust", "quantile", "none"),
        doc="how inputs of numbers come to one scale: less their mean and over their deviation; or "
        "less the median, over the range of the middle half, and clipped smoothly at 3; or each as "
        "the number of a normal distribution at its place in the order; numbers to predict are "
        'standardised with any of these, and stay as they are with "none"',
        known_as=("scaler", "scaling"),
    )

    stream: bool | None = arg(
        default=None,
        doc="whether rows of Parquet or Arrow stay in the file, and are read as they are needed; "
        "without it, where memory does not hold them",
        known_as=("streaming", "lazy"),
    )

    @property
    def scales_by(self) -> Scale:
        """How inputs of numbers come to one scale."""
        return cast("Scale", self.scale) if self.standardize else "none"

    @property
    def unscaled(self) -> str:
        """The argument that leaves all numbers as they are; "" where none does."""
        if self.scale == "none":
            return 'scale="none"'
        return "" if self.standardize else "standardize=false"

    @property
    def names(self) -> tuple[str, ...]:
        """The columns to predict."""
        return (self.target,) if isinstance(self.target, str) else self.target

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns of texts."""
        return tuple(filter(None, (self.text,) if isinstance(self.text, str) else self.text))

    @property
    def standardizes_targets(self) -> bool:
        return self.scales_by != "none" and not self.keeps_targets

    @property
    def roles(self) -> Roles:
        """What the columns are for that the arguments name."""
        weights = self.weights if self.weights != "balanced" else ""
        roles = self.names, self.group, self.order, weights, self.categories
        return Roles(*roles, self.texts, self.codes)

    @property
    def request(self) -> TableRequest:
        """What is asked of the file."""
        task, roles = self.task, self.roles
        if len(self.names) > 1 and task != "regression":
            task = "several" if task == "auto" else "labels"
        elif task == "auto" and self.target in self.categories:
            task = "classification"
        file = self.path, self.span, self.at, self.delimiter
        target, *_ = self.names
        how = roles.named, self.missing, roles.others, self.texts
        return TableRequest(*file, target, self.ignore, task, *how, codes=self.codes)
