"""Texts for a network that tells which symbol comes next: it writes on, and is judged on others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from netlang.catalogue.data.pipeline import TextPipeline
from netlang.catalogue.data.pipeline.text_pipeline import windows
from netlang.catalogue.randomness import generator
from netlang.language.diagnostics import DiagnosticError
from netlang.language.diagnostics.messages.data import DataFileUnreadable
from netlang.language.diagnostics.wording import counted
from netlang.runs.models.answers import kind_of_outputs
from netlang.runs.models.new_samples import NewSamples
from netlang.runs.models.trained import TrainedModel
from netlang.system.files import why_unreadable
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor


def continued(
    model: TrainedModel, begin: Sequence[int], length: int, temperature: float, seed: int
) -> Iterator[int]:
    """So many tokens, each of which ``model`` draws to come behind ``begin`` and those before it.

    Its probabilities are softmax(log p / temperature), and at 0 the most probable token comes.

    Raises ValueError if the network's outputs are no numbers.
    """
    pipeline = model.kept.pipeline
    assert isinstance(pipeline, TextPipeline)
    source, tokens = generator(seed, "text"), [*begin]
    for _ in range(length):
        seen = tokens[-pipeline.context :]
        # A causal network does not see what stands behind, so that anything may stand there.
        window = torch.tensor([seen + [0] * (pipeline.context - len(seen))])
        outputs = model.outputs(pipeline.to_inputs(window))[0, len(seen) - 1].double()
        if not outputs.isfinite().all():
            raise ValueError("the network's outputs are infinite or no numbers")
        tokens.append(_drawn(outputs, kind_of_outputs(model.program), temperature, source))
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


def _drawn(outputs: Tensor, kind: str, temperature: float, source: torch.Generator) -> int:
    """A token, by the outputs of all of them.  Shape: [tokens]."""
    if temperature == 0:
        return int(outputs.argmax())
    logits = outputs.log() if kind == "probabilities" else outputs
    # The largest becomes 0 first: divided by a small temperature, all stay finite or -infinite.
    p = torch.softmax((logits - logits.max()) / temperature, -1)
    return int(torch.multinomial(p, 1, generator=source))


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
        """Raises DiagnosticError."""
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

    def _unreadable(self, reason: str, help: str) -> DiagnosticError:
        return DiagnosticError(DataFileUnreadable(None, self.named, reason, help))
