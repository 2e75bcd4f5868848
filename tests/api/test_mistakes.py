"""What goes wrong in Python is one error, which says what came, and what to do."""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
import torch

import netlang
from netlang import ModelFile
from netlang.runs.models.trained import model_in
from tests.paths import MODELS
from tests.together import together

TEXT = "hidden = 8\nnet = Linear(_, hidden) -> ReLU -> Linear(hidden, _)\nepochs = 1\n"
FLOWERS = pd.read_csv(MODELS / "iris.csv")
X, Y = FLOWERS[[*FLOWERS][:4]], FLOWERS["species"]
ROWS = X.to_numpy()


def load(**constants: Any) -> netlang.Model:
    return netlang.load(TEXT, **constants)


@cache
def trained() -> netlang.Model:
    return netlang.load(MODELS / "iris.net", epochs=1).fit()


def fit(*given: Any, **named: Any) -> netlang.Model:
    return load().fit(*given, **named)


@cache
def in_memory() -> netlang.Model:
    """A model that is opened, and was trained on X and y."""
    bytes_of = ModelFile.from_bytes(load().fit(X, Y).to_bytes())
    return netlang.Model.of(model_in(bytes_of, Path("a file")), netlang.History())


def predict(given: Any) -> Any:
    return trained().predict(given)


def with_cell(cell: object) -> pd.DataFrame:
    """The rows, with another cell in the third of them."""
    rows = X.astype(object)
    rows.iloc[2, 2] = cell
    return rows


# What is done, and what the one error says: a NetError, or where its text begins so, a TypeError.
MISTAKES: dict[str, tuple[Callable[[], object], str]] = {
    "a file that is not there": (lambda: netlang.load("nope.net"), "no such file or directory"),
    "a file that is near": (
        lambda: netlang.load(MODELS / "irs.net"),
        r"(?s)no such file.*did you mean `.*iris.net`",
    ),
    "a word": (lambda: netlang.load("iris"), "or give its text, which has `->` or `=` in it"),
    "a folder": (lambda: netlang.load(MODELS), "it is a folder"),
    "a table": (lambda: netlang.load(MODELS / "iris.csv"), "it is no .net file"),
    "nothing": (lambda: netlang.load(None), "TypeError: load takes a path or the text of a file"),
    "bytes": (lambda: netlang.load(b"ReLU"), "TypeError: load takes .* not a bytes"),
    "an open file": (
        lambda: netlang.load(io.StringIO("ReLU")),  # type: ignore[arg-type]
        r"TypeError: load takes .* not a StringIO: its `read\(\)` gives the text",
    ),
    "two columns of one name": (
        lambda: predict(pd.concat([X, X["petal_width"]], axis=1)),
        "two columns of X are called `petal_width`",
    ),
    "an empty text": (lambda: netlang.load(""), "it is no file's name"),
    "a layer that is misspelt": (lambda: netlang.load("Liner(2, 3)\n"), "did you mean `Linear`?"),
    "layers that do not fit": (
        lambda: netlang.load("Linear(2, 3) -> Linear(4, 2)"),
        "layer input does not fit",
    ),
    "a constant that is misspelt": (lambda: load(hiden=50), "did you mean `hidden`?"),
    "a constant that is negative": (lambda: load(hidden=-1), r"load\(hidden=...\):1:8"),
    "a constant that is no whole number": (lambda: load(hidden=2.5), "takes a whole number"),
    "a constant that is a dict": (lambda: load(hidden={}), "TypeError: `hidden` takes a number"),
    "a constant that is NaN": (lambda: load(hidden=np.nan), "TypeError: `hidden` cannot be nan"),
    "a constant that is no name": (
        lambda: load(**{"hidden units": 8}),
        "TypeError: `hidden units` is no name of a constant",
    ),
    "an argument of what is not there": (
        lambda: load(**{"schedule.warmup": 0.1}),
        "this file does not define it",
    ),
    "an argument that is misspelt": (
        lambda: netlang.load(MODELS / "iris.net", optimizer__lrr=0.1),
        "did you mean `lr`?",
    ),
    "an argument without its setting": (lambda: load(lr=0.1), r"write `optimizer__lr=...`"),
    "an item in place of its text": (
        lambda: load(optimizer=netlang.Adam),
        """TypeError: `optimizer` takes the text of a file, such as "Adam", no object""",
    ),
    "metrics that are misspelt": (lambda: load(metrics=["acuracy"]), "did you mean `accuracy`?"),
    "a path in place of a file's model": (
        lambda: netlang.Model("a.net"),  # type: ignore[arg-type]
        "TypeError: `netlang.load` makes a Model of a file",
    ),
    "answers before fit": (lambda: load().predict(X), "not trained yet, and cannot predict"),
    "an evaluation before fit": (lambda: load().evaluate(), r"call `model.fit\(\)` first"),
    "a file before fit": (lambda: load().save("a.safetensors"), "cannot be saved"),
    "weights before fit": (lambda: load().weights, "cannot show its weights"),
    "a summary of open sizes": (lambda: load().summary(), "nothing determines the size"),
    "fit without data": (
        lambda: fit(),
        r"(?s)training needs `data`, `loss` and `optimizer`.*or give .*`model.fit\(X, y\)`",
    ),
    "a fit of data that were in memory": (
        lambda: in_memory().fit(),
        r"(?s)the data were in memory.*`model.fit\(X, y\)`",
    ),
    "more of data that were in memory": (
        lambda: in_memory().partial_fit(),
        r"help: give samples: `model.partial_fit\(X, y\)`$",
    ),
    "y without X": (lambda: fit(y=Y), "TypeError: fit takes X and y, or neither"),
    "X without y": (lambda: fit(X), "TypeError: fit takes y"),
    "fewer targets": (lambda: fit(X, Y[:20]), "X has 150 samples, and y 20 targets"),
    "no rows": (lambda: fit(X[:0], Y[:0]), "X has no rows"),
    "one class": (lambda: fit(X[:40], Y[:40]), "`species` has only one class"),
    "a missing cell": (lambda: fit(with_cell(None), Y), 'add `data__missing="mean"`'),
    "a text among numbers": (lambda: fit(with_cell("abc"), Y), "row 3, column `petal_length`"),
    "infinite numbers": (lambda: fit(ROWS * np.inf, Y), "takes a finite number"),
    "complex numbers": (lambda: fit(ROWS + 1j, Y), "X has complex numbers"),
    "one dimension": (lambda: fit(ROWS[:, 0], Y), r"`X.reshape\(-1, 1\)` makes a column of it"),
    "sparse rows": (lambda: fit(scipy.sparse.csr_array(ROWS), Y), r"`X.toarray\(\)`"),
    "masked numbers": (lambda: fit(np.ma.masked_greater(ROWS, 5), Y), r"`X.filled\(np.nan\)`"),
    "a path in place of rows": (lambda: fit("iris.csv", Y), "TypeError: X is an array.* not a str"),
    "a generator": (lambda: fit((row for row in ROWS), Y), "TypeError: X is .* not a generator"),
    "too few weights": (lambda: fit(X, Y, sample_weight=[1, 2]), "sample_weight has the shape"),
    "a first layer of another size": (
        lambda: netlang.load("Linear(3, 8) -> ReLU -> Linear(8, 3)").fit(X, Y),
        r"(?s)the data does not fit the first layer.*write `Linear\(4, 8\)`",
    ),
    "a last layer of another size": (
        lambda: netlang.load("Linear(4, 8) -> ReLU -> Linear(8, 2)").fit(X, Y),
        r"(?s)the network's output does not fit the data.*write `Linear\(8, 3\)`",
    ),
    "a callback that is none": (lambda: fit(X, Y, callbacks=3), "TypeError: a callback is a func"),
    "a class in place of a callback": (
        lambda: fit(X, Y, callbacks=[netlang.Early]),
        r"TypeError: .* not the class Early; the file says `stop = Early\(...\)`",
    ),
    "a folder that is none": (
        lambda: fit(X, Y, keep=True),
        """TypeError: keep takes a folder, as in `keep="runs"`, not a bool""",
    ),
    "a step with a closure": (
        lambda: netlang.Adam(netlang.Sequential([netlang.Linear(1, 1)])).step(lambda: 0),  # type: ignore[call-arg]
        "TypeError: Adam.step takes no closure",
    ),
    "a run that is tracked and not kept": (
        lambda: fit(X, Y, track="mlflow"),
        "TypeError: only a run that is kept is tracked",
    ),
    "no such tracker": (
        lambda: fit(X, Y, keep="runs", track="wandb"),
        "a run is tracked by tensorboard or mlflow, not 'wandb'",
    ),
    "epochs in fit": (lambda: fit(X, Y, epochs=3), r"TypeError: .* `netlang.load\(..., epochs="),
    "Keras's name in fit": (lambda: fit(X, Y, batch_size=3), "TypeError: .*the file says `batch`"),
    "Keras's data in fit": (
        lambda: fit(X, Y, validation_split=0.1),
        r"TypeError: fit takes no `validation_split`: `netlang.load\(..., data__validation=",
    ),
    "a method of Keras": (lambda: load().compile(), "AttributeError: .*the file says loss"),  # type: ignore[attr-defined]
    "a method of PyTorch": (lambda: load().state_dict(), "AttributeError: .*`weights` has"),  # type: ignore[attr-defined]
    "a method that is misspelt": (lambda: load().predit, "AttributeError: .*mean 'predict'"),  # type: ignore[attr-defined]
    "a layer of Keras": (lambda: netlang.Dense, "AttributeError: .*did you mean `Linear`"),
    "no such engine": (lambda: fit(X, Y, backend="gpu"), "there is no backend 'gpu'"),
    "a column that is misspelt": (
        lambda: predict(X.rename(columns={"petal_width": "petal_wdth"})),
        "did you mean `petal_wdth`?",
    ),
    "fewer columns": (lambda: predict(ROWS[:, :3]), "(?s)X has 3 columns.*takes 4 columns"),
    "a row alone": (lambda: predict(ROWS[0]), r"`X.reshape\(1, -1\)` makes it a row"),
    "a dict of numbers": (lambda: predict(dict(X.iloc[0])), r"`\[X\]` is a list of one row"),
    "dicts that lack columns": (lambda: predict([{"sepal_length": 5}]), "`petal_width` are missin"),
    "three dimensions": (lambda: predict(ROWS[:, :, None]), r"X has the shape \[150, 4, 1\]"),
    "rows of unequal length": (lambda: predict([[1, 2, 3, 4], [1]]), "unequal lengths: 1 and 4"),
    "a cell that training had nowhere": (lambda: predict(with_cell(None)), "row 3, column `petal_"),
    "a lazy frame": (lambda: predict(pl.DataFrame(ROWS).lazy()), r"`X.collect\(\)`"),
    "a tensor of no numbers": (lambda: predict(torch.ones(2, 4, device="meta")), "on the CPU"),
    "a sparse tensor": (lambda: predict(torch.ones(2, 4).to_sparse()), r"`X.to_dense\(\)`"),
    "an object": (lambda: predict(object()), "TypeError: X is an array or a frame, not an object"),
    "an array for a layer": (
        lambda: netlang.Linear(4, 2)(ROWS),
        "TypeError: .* in tensors, not a ndarray: `torch.from_numpy`",
    ),
    "a class that is none": (lambda: trained().evaluate(X, ["cat"] * 150), "no such class"),
    "samples without targets": (lambda: trained().evaluate(X), "TypeError: evaluate takes y"),
    "targets without samples": (lambda: trained().evaluate(y=Y), "TypeError: evaluate takes X"),
    "data that a model file has not": (
        lambda: pickle.loads(pickle.dumps(trained())).evaluate(),
        r"(?s)the data were those of another process.*`model.evaluate\(X, y\)`",
    ),
    "another program's ending": (lambda: trained().save("a.pt"), "write `a.safetensors`"),
    "no ending of a model file": (lambda: trained().save("my.net"), "write `my.safetensors`"),
    "no path": (lambda: trained().save(None), "TypeError: save takes the path of a file"),
    "a run that is not there": (lambda: netlang.open("runs/nope"), "`runs/nope` is not there"),
    "a file in place of a run": (
        lambda: netlang.open(MODELS / "iris.net"),
        "is a network that is not trained yet",
    ),
    "no run": (lambda: netlang.open(None), "TypeError: open takes the folder of a run"),
    "a metric that nobody measured": (
        lambda: trained().history["loss"],
        "KeyError: .*there are `train.loss`",
    ),
    "a history of Keras": (
        lambda: trained().history.history,  # type: ignore[attr-defined]
        r"""AttributeError: .*`history\["train.loss"\]`""",
    ),
}


@together("mistake", MISTAKES)
def test_a_mistake_is_one_error_that_says_what_to_do(mistake: str) -> None:
    do, said = MISTAKES[mistake]
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)) as raised:
        do()
    error = raised.value
    text = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
    assert re.search(said, text), text
    assert text.count("error[") <= 1 or mistake == "a summary of open sizes"


def test_an_error_of_a_file_is_called_as_it_is_imported(tmp_path: Path) -> None:
    with pytest.raises(netlang.NetError) as raised:
        netlang.load("Liner(2, 3)\n")
    assert f"{type(raised.value).__module__}.{type(raised.value).__name__}" == "netlang.NetError"
    assert [one.code for one in raised.value.diagnostics] == ["E0201"]
