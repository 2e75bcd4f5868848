"""The definition of ``train_epoch``: one pass over the training samples, step by step."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netlang.lowering.lowerings import Unsupported
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.program.augment import changes_targets
from netlang.lowering.pytorch.program.parts import Parts
from netlang.lowering.pytorch.program.steps import samples_of_step
from netlang.lowering.pytorch.python import block


def train_epoch(parts: Parts) -> TorchDefinition:
    """The definition of ``train_epoch``.  Raises Unsupported."""
    w, is_seen = parts.weights("w"), changes_targets(parts.program)
    if not parts.model.has_weights:
        return TorchDefinition(_WITHOUT_STEPS.format(w=w))
    source = f'''\
def train_epoch(model, optimizer, {parts.taken}x, t{w}, order):
    """One pass over the samples in that order; returns the model's outputs on the way."""
    model.train()
    {"outputs, seen = [], []" if is_seen else "outputs = []"}
{block(4, _batches(parts))}\
{block(8, _steps(parts))}\
    return torch.cat(outputs){", torch.cat(seen)" if is_seen else ""}
'''
    return TorchDefinition(source)


def _batches(parts: Parts) -> Iterator[str]:
    """The lines that go through the samples of each step."""
    split = f"split({samples_of_step(parts.program)})"
    if parts.program.augment:
        yield f"for batch in order.{split}:"
        yield "    inputs, targets = augment(x, t, batch)"
        yield from ["    weights = w[batch]"] if parts.data.weighted else []
        yield from ["    seen.append(targets)"] if changes_targets(parts.program) else []
    elif parts.data.weighted:
        yield "for inputs, targets, weights in zip("
        yield f"    x[order].{split}, t[order].{split}, w[order].{split}"
        yield "):"
    else:
        yield f"for inputs, targets in zip(x[order].{split}, t[order].{split}):"


def _steps(parts: Parts) -> Iterator[str]:
    """The lines of a step."""
    program, accumulates = parts.program, "accumulate" in parts.program.settings
    assert program.optimizer
    if program.optimizer.needs_loss:
        if accumulates:
            lacks = "of several batches a step has no counterpart in PyTorch yet"
            raise Unsupported(f"{program.optimizer.name} {lacks}")
        yield from _looks(parts)
    else:
        yield "optimizer.zero_grad()"
        yield from _parts_of_step(parts) if accumulates else _backward(parts)
        yield from (*parts.steps.clip, "optimizer.step()")
    yield from parts.steps.step
    if not program.optimizer.needs_loss and not accumulates:
        yield "outputs.append(y.detach())"


def _backward(parts: Parts) -> Iterator[str]:
    """The lines that set the gradients of a step that is one batch."""
    loss, penalty = f"loss(y, targets{parts.weights('weights')})", parts.steps.penalty
    yield "y = model(inputs)"
    yield f"({loss} + {penalty}).backward()" if penalty else f"{loss}.backward()"


def _parts_of_step(parts: Parts) -> Iterator[str]:
    """The lines that add up the gradients of the batches of a step."""
    program, said, w_part = parts.program, parts.loss, parts.weights("w_part")
    assert program.loss
    if not said.counts:
        means = "each term divides a step of several batches by another number"
        raise Unsupported(f"in PyTorch, {means}: {program.loss.name}")
    loss = f"loss(y, theirs{w_part})"
    if program.loss.is_mean:
        own, all = (re.sub(r"\bt\b", one, said.counts) for one in ("theirs", "targets"))
        loss = f"({loss} * ({own} / {all}))"
    each = ["inputs", "targets", *(["weights"] if parts.data.weighted else [])]
    split = ", ".join(f"{one}.split(BATCH)" for one in each)
    yield f"for some, theirs{w_part} in zip({split}):"
    yield "    y = model(some)"
    yield f"    {loss}.backward()"
    yield "    outputs.append(y.detach())"
    yield from [f"{parts.steps.penalty}.backward()"] if parts.steps.penalty else []


def _looks(parts: Parts) -> Iterator[str]:
    """The lines of a step by an optimizer that looks at the loss several times."""
    weights, penalty = parts.weights("weights"), parts.steps.penalty
    bound = ", weights=weights" if parts.data.weighted else ""
    yield "done = len(outputs)"
    yield ""
    yield f"def evaluate(inputs=inputs, targets=targets{bound}):"
    yield "    optimizer.zero_grad()"
    yield "    y = model(inputs)"
    yield f"    value = loss(y, targets{weights})" + (f" + {penalty}" if penalty else "")
    yield "    value.backward()"
    yield from (f"    {line}" for line in parts.steps.clip)
    yield "    outputs.append(y.detach())"
    yield "    return value"
    yield ""
    yield "optimizer.step(evaluate)"
    yield "del outputs[done + 1 :]  # those of the first look at the loss"


# Autograd refuses a loss that depends on no weight.
_WITHOUT_STEPS = '''\
def train_epoch(model, optimizer, x, t{w}, order):
    """One pass over the samples in that order; returns the model's outputs on the way."""
    model.train()
    with torch.no_grad():
        return torch.cat([model(inputs) for inputs in x[order].split(BATCH)])
'''
