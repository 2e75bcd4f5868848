"""Texts for a network that tells which symbol comes next: it writes on, and is judged on others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.catalogue.data.pipeline import TextPipeline
from netlang.catalogue.data.pipeline.text_pipeline import windows
from netlang.catalogue.randomness import generator
from netlang.compiler.answers import kind_of_outputs
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.data import DataFileUnreadable
from netlang.language.diagnostics.wording import counted
from netlang.runs.models.new_samples import NewSamples
from netlang.runs.models.trained import TrainedModel
from netlang.system.files import why_unreadable
from netlang.system.lazy import torch
from netlang.system.record import Record

if TYPE_CHECKING:
    from torch import Tensor


class Drawing(Record):
    """How a token is drawn by the outputs of all of them: from softmax(log p / ``temperature``),
    and at 0 the most probable one. Only the ``top_k`` most probable ones are drawn from, and of
    these only as many as have the probability ``top_p`` together.

    Source: Fan et al. 2018, Holtzman et al. 2020.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float = 1.0

    def token(self, log_p: Tensor, source: torch.Generator) -> int:
        """Shape: [tokens], of which a constant more or less changes nothing."""
        if self.temperature == 0:
            return int(log_p.argmax())
        # The largest becomes 0 first: divided by a small temperature, all stay finite or -infinite.
        p, tokens = torch.sort((log_p - log_p.max()) / self.temperature, descending=True)
        p = torch.softmax(p[: self.top_k], -1)
        p[p.cumsum(-1) - p >= self.top_p] = 0  # where those before it have enough
        return int(tokens[torch.multinomial(p, 1, generator=source)])


def continued(
    model: TrainedModel, begin: Sequence[int], length: int, drawing: Drawing, seed: int
) -> Iterator[int]:
    """So many tokens, each of which ``model`` draws to come behind ``begin`` and those before it.

    Raises ValueError if the network's outputs are no numbers.
    """
    pipeline = model.kept.pipeline
    assert isinstance(pipeline, TextPipeline)
    source, tokens = generator(seed, "text"), [*begin]
    gives_probabilities = kind_of_outputs(model.program) == "probabilities"
    for _ in range(length):
        seen = tokens[-pipeline.context :]
        # A causal network does not see what stands behind, so that anything may stand there.
        window = torch.tensor([seen + [0] * (pipeline.context - len(seen))])
        outputs = model.outputs(pipeline.to_inputs(window))[0, len(seen) - 1].double()
        if not outputs.isfinite().all():
            raise ValueError("the network's outputs are infinite or no numbers")
        tokens.append(drawing.token(outputs.log() if gives_probabilities else outputs, source))
        yield tokens[-1]


def looks_ahead(model: TrainedModel) -> bool:
    """Whether what ``model`` tells at a place depends on the symbols behind it."""
    pipeline = model.kept.pipeline
    assert isinstance(pipeline, TextPipeline)
    place, count = pipeline.context // 2, len(pipeline.symbols)
    text = torch.randint(count, (1, pipeline.context), generator=generator(0, "text"))
    other = text.clone()
    other[:, place + 1 :] = (text[:, place + 1 :] + 1) % count
    told, told_of_other = (
        model.outputs(pipeline.to_inputs(one))[0, place] for one in (text, other)
    )
    return not torch.allclose(told, told_of_other, rtol=1e-3, atol=1e-6, equal_nan=True)


class NewText(NewSamples):
    """The text of a file, in samples as those of training, none of which overlap."""

    def __init__(self, pipeline: TextPipeline, named: str) -> None:
        super().__init__(named)
        self.pipeline = pipeline

    def samples(self) -> Iterator[tuple[Tensor, Tensor]]:
        tokens, context = torch.tensor(self._tokens()), self.pipeline.context
        if len(tokens) <= context:
            has = f"it has {counted(len(tokens), self.pipeline.by.removesuffix('s'))}"
            help = f"name a text of more than {context}, which is a sample of training"
            raise self._unreadable(has, help)
        inputs, targets = windows(tokens, context, context)
        self.count += len(inputs)
        yield targets, inputs

    def _tokens(self) -> list[int]:
        """Raises NetError."""
        path = Path(self.named)
        try:
            content = path.read_bytes()
        except (OSError, ValueError) as error:
            reason, help = why_unreadable(path, error) if isinstance(error, OSError) else ("", "")
            raise self._unreadable(reason or str(error), help or "name another file") from None
        if self.pipeline.by == "bytes":
            return [*content]
        try:
            return self.pipeline.tokens(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise self._unreadable("it is no text in UTF-8", "save it in UTF-8") from None
        except ValueError as wrong:
            raise self._unreadable(str(wrong), "leave it out, or train on a text with it") from None

    def _unreadable(self, reason: str, help: str) -> NetError:
        return NetError(DataFileUnreadable(None, self.named, reason, help))
