"""Scikit-learn's and pytabkit's models on a table: run by a Python that has them.

    python table_models.py < tasks.ndjson

A task is a JSON object on a line: its ``contestant``, ``seed``, the ``columns`` and the target of a
table, and which rows are to learn from, to validate on and to test on. The answer is a line with
``score`` and ``seconds``. It imports nothing of netlang.

Missing numbers become the median of the rows that are learned from, missing categories the most
frequent one; scikit-learn's models get categories as zeros and ones, and numbers standardised,
those to predict, too. As they validate on nothing, they learn from these rows as well.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

import numpy as np

MLP, LINEAR, REALMLP = "scikit-learn's MLP", "linear model", "pytabkit's RealMLP-TD-S"


def answered(task: dict[str, Any]) -> dict[str, float]:
    train, validation, test = (np.array(task[part]) for part in ("train", "validation", "test"))
    learned = train if task["contestant"] == REALMLP else np.sort(np.r_[train, validation])
    columns = [_filled(one, learned) for one in task["columns"]]
    target = np.array(task["target"])
    classes = task["classes"]
    model = _realmlp if task["contestant"] == REALMLP else _of_scikit_learn
    began = time.perf_counter()
    found = model(task, columns, target, learned, validation, test)
    seconds = time.perf_counter() - began
    true = target[test]
    if classes:
        return {"score": float((found == true).mean()), "seconds": seconds}
    error = ((found - true) ** 2).sum() / ((true - true.mean()) ** 2).sum()
    return {"score": float(1 - error), "seconds": seconds}


def _filled(column: dict[str, Any], learned: Any) -> Any:
    """Numbers [N] in float64, or texts [N], without gaps."""
    cells = column["cells"]
    if column["kind"] == "number":
        numbers = np.array([np.nan if one is None else one for one in cells], dtype=float)
        return np.where(np.isnan(numbers), np.nanmedian(numbers[learned]), numbers)
    texts = np.array(["" if one is None else one for one in cells], dtype=object)
    present = [text for text in texts[learned] if text]
    return np.where(texts == "", max(sorted({*present}), key=present.count), texts)


def _of_scikit_learn(
    task: dict[str, Any], columns: list[Any], target: Any, learned: Any, _: Any, test: Any
) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    made = []
    for column in columns:
        cells = column[:, None]
        if column.dtype == object:
            encoder: Any = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        else:
            encoder = StandardScaler()
        made.append(encoder.fit(cells[learned]).transform(cells))
    inputs = np.concatenate(made, axis=1)
    is_mlp, seed = task["contestant"] == MLP, task["seed"]
    if task["classes"]:
        model: Any = (
            MLPClassifier(random_state=seed) if is_mlp else LogisticRegression(max_iter=5000)
        )
        return model.fit(inputs[learned], target[learned]).predict(inputs[test])
    model = MLPRegressor(random_state=seed) if is_mlp else Ridge()
    mean, deviation = target[learned].mean(), target[learned].std()
    model.fit(inputs[learned], (target[learned] - mean) / deviation)
    return model.predict(inputs[test]) * deviation + mean


def _realmlp(
    task: dict[str, Any], columns: list[Any], target: Any, learned: Any, validation: Any, test: Any
) -> Any:
    import pandas
    from pytabkit import RealMLP_TD_S_Classifier, RealMLP_TD_S_Regressor

    frame = pandas.DataFrame({f"x{place}": column for place, column in enumerate(columns)})
    for name, column in zip(frame.columns, columns, strict=True):
        if column.dtype == object:
            frame[name] = frame[name].astype("category")
    kind = RealMLP_TD_S_Classifier if task["classes"] else RealMLP_TD_S_Regressor
    model = kind(device="cpu", random_state=task["seed"], n_threads=1)
    part = frame.iloc
    model.fit(part[learned], target[learned], part[validation], target[validation])
    return np.asarray(model.predict(part[test])).ravel()


def main() -> None:
    warnings.simplefilter("ignore")  # that an MLP has not converged after 200 epochs
    answers, sys.stdout = sys.stdout, sys.stderr  # where libraries may write what they like
    for line in sys.stdin:
        print(json.dumps(answered(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
