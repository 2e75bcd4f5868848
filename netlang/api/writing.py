"""A network that was trained on a text writes on."""

from __future__ import annotations

from netlang.catalogue.data.pipeline import TextPipeline
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.python import NoSuchAnswer, UnfitData
from netlang.runs.models.texts import Drawing, continued, looks_ahead
from netlang.runs.models.trained import TrainedModel

_BACK = "train one that looks back alone: attention with `causal=true`, recurrent layers"


def written(
    model: TrainedModel, prompt: str, length: int, drawing: Drawing, seed: int, name: str
) -> str:
    """What ``model``, which messages call by its ``name``, writes behind the ``prompt``.

    Raises NetError for a model of no text, a prompt that it cannot read, and one that looks ahead.
    """
    pipeline = model.kept.pipeline
    if not isinstance(pipeline, TextPipeline):
        problem = "this model was not trained on a text, and cannot write"
        raise NetError(
            NoSuchAnswer(None, name, problem, "`model.predict(X)` asks it about samples")
        )
    if not isinstance(prompt, str) or not prompt:
        raise TypeError(f"generate takes a text to begin with, such as 'The ', not {prompt!r}")
    try:
        begin = pipeline.tokens(prompt)
    except ValueError as wrong:
        raise NetError(UnfitData(None, "prompt", str(wrong), "leave it out")) from None
    if looks_ahead(model):
        problem = "this network cannot write: it sees symbols that are yet to be written"
        raise NetError(NoSuchAnswer(None, name, problem, _BACK))
    try:
        return pipeline.text(continued(model, begin, length, drawing, seed))
    except ValueError as wrong:
        raise NetError(NoSuchAnswer(None, name, str(wrong), "train it anew")) from None
