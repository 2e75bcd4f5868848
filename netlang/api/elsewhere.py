"""What other frameworks have, and where a model or its history has it."""

from __future__ import annotations

from collections.abc import Mapping

from netlang.language.diagnostics.suggest import nearest

OF_MODELS: Mapping[str, str] = {
    "score": '`evaluate(X, y)` gives all metrics, such as `["accuracy"]`; `netlang.NetClassifier` '
    "and `NetRegressor` have a `score`",
    "compile": "the file says loss and metrics, and `netlang.load(..., loss=...)` others; "
    "`model.compiled()` is a trained model in C",
    "layers": "`summary()` lists its layers, and `weights` has their arrays by name",
    "get_layer": "`summary()` lists its layers, and `weights` has their arrays by name",
    "get_weights": "`weights` has its arrays by name",
    "set_weights": 'a file begins with weights by `start = "model.safetensors"`',
    "named_parameters": "`weights` has its arrays by name",
    "state_dict": "`weights` has its arrays by name, and `save` keeps the model",
    "load_state_dict": "`netlang.open` gives a model that was saved",
    "load_weights": "`netlang.open` gives a model that was saved",
    "load": "`netlang.open` gives a model that was saved",
    "forward": "`outputs(X)` gives what the network gives, and `predict(X)` what it says",
    "transform": "`outputs(X)` gives what the network gives",
    "to": "it computes on the CPU",
    "cpu": "it computes on the CPU",
    "cuda": "it computes on the CPU",
    "train": "`fit` trains it; dropout is off wherever it answers",
    "eval": "it answers without dropout as it is; `evaluate(X, y)` says how good it is",
    "classes_": "`classes` are those of a trained model",
    "fit_predict": "`fit(X, y)` returns the model: `fit(X, y).predict(X)`",
    "plot": "`graph()` draws the network, and `history.to_pandas().plot()` its training",
    "count_params": "`parameters` is their number",
    "num_parameters": "`parameters` is their number",
}
OF_FITS: Mapping[str, str] = {
    "validation_split": "`netlang.load(..., data__validation=0.2)` holds a part out",
    "validation_data": "`netlang.load(..., data__validation=0.2)` holds a part out, and "
    "`evaluate(X, y)` rates other samples",
    "eval_set": "`netlang.load(..., data__validation=0.2)` holds a part out, and "
    "`evaluate(X, y)` rates other samples",
    "class_weight": 'give `sample_weight`, or `netlang.load(..., data__weights="balanced")`',
    "shuffle": "samples come in another order in each epoch, by the file's `seed`",
    "initial_epoch": "`partial_fit(X, y, epochs=5)` goes on with a training",
    "learning_rate": "`netlang.load(..., optimizer__lr=1e-3)` says it",
    "lr": "`netlang.load(..., optimizer__lr=1e-3)` says it",
}
OF_HISTORIES: Mapping[str, str] = {
    "history": 'it is a list of dicts; `history["train.loss"]` are the values of one metric',
    "losses": '`history["train.loss"]` are the values of one metric',
    "epoch": '`history["epoch"]` are their numbers',
    "plot": "`history.to_pandas().plot()` draws it",
}


def absent(owner: object, name: str, known: Mapping[str, str]) -> AttributeError:
    """The error for a ``name`` that ``owner`` has not: it says where that is ``known`` to be."""
    kind = type(owner).__name__
    text = f"{kind!r} object has no attribute {name!r}"
    near = nearest(name, [one for one in dir(type(owner)) if not one.startswith("_")])
    help = known.get(name) or (f"did you mean {near!r}?" if near else "")
    return AttributeError(f"{text}: {help}" if help else text)
