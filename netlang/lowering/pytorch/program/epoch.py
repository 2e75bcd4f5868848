"""The definition of ``train_epoch``: one pass over the training samples, step by step."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netlang.lowering.lowerings import Unsupported
from netlang.lowering.python.text import block
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.program.augment import changes_targets
from netlang.lowering.pytorch.program.parts import Parts
from netlang.lowering.pytorch.program.steps import samples_of_step


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
    elif "accumulate" in parts.program.settings:  # one line would be long
        yield from ("for inputs, targets in zip(", f"    x[order].{split}, t[order].{split}", "):")
    else:
        yield f"for inputs, targets in zip(x[order].{split}, t[order].{split}):"


def _steps(parts: Parts) -> Iterator[str]:
    """The lines of a step."""
    program, accumulates = parts.program, "accumulate" in parts.program.settings
    assert program.optimizer
    if program.optimizer.needs_loss:
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
    """The lines that add up the gradients of the batches of a step, and its loss where that is
    looked at.
    """
    program, said, w_part = parts.program, parts.loss, parts.weights("w_part")
    assert program.loss
    assert program.optimizer
    if not said.counts:
        means = "each term divides a step of several batches by another number"
        raise Unsupported(f"in PyTorch, {means}: {program.loss.name}")
    part, penalty = f"loss(y, theirs{w_part})", parts.steps.penalty
    each = ["inputs", "targets", *(["weights"] if parts.data.weighted else [])]
    split = ", ".join(f"{one}.split(BATCH)" for one in each)
    looks = program.optimizer.needs_loss
    yield from ["value = 0.0"] if looks else []
    yield f"for some, theirs{w_part} in zip({split}):"
    yield "    y = model(some)"
    if program.loss.is_mean:
        own, all = (re.sub(r"\bt\b", one, said.counts) for one in ("theirs", "targets"))
        if own != "len(theirs)":
            yield f"    part, says = 0 * y.sum(), {own}"
            yield "    if says:"
            yield f"        share = says / {all}"
            yield f"        part = {part} * share"
        else:
            yield f"    part = {part} * ({own} / {all})"
    else:
        yield f"    part = {part}"
    yield "    part.backward()"
    yield "    outputs.append(y.detach())"
    yield from ["    value += part.item()"] if looks else []
    if penalty:
        yield f"part = {penalty}"
        yield "part.backward()"
        yield from ["value += part.item()"] if looks else []


def _looks(parts: Parts) -> Iterator[str]:
    """The lines of a step by an optimizer that looks at the loss several times."""
    weights, penalty = parts.weights("weights"), parts.steps.penalty
    bound = ", weights=weights" if parts.data.weighted else ""
    draws = any(node.layer.draws for node in parts.program.graph.nodes)
    accumulates = "accumulate" in parts.program.settings
    yield "done = len(outputs)"
    yield from ["drawn = torch.get_rng_state()"] if draws else []
    yield ""
    yield f"def evaluate(inputs=inputs, targets=targets{bound}):"
    yield from ["    torch.set_rng_state(drawn)  # each look draws the same"] if draws else []
    yield "    optimizer.zero_grad()"
    if accumulates:
        yield from (f"    {line}" for line in _parts_of_step(parts))
    else:
        yield "    y = model(inputs)"
        yield f"    value = loss(y, targets{weights})" + (f" + {penalty}" if penalty else "")
        yield "    value.backward()"
        yield "    outputs.append(y.detach())"
    yield from (f"    {line}" for line in parts.steps.clip)
    yield "    return value"
    yield ""
    yield "optimizer.step(evaluate)"
    if accumulates:
        yield "done += math.ceil(len(inputs) / BATCH)  # those of the first look at the loss"
        yield "del outputs[done:]"
    else:
        yield "del outputs[done + 1 :]  # those of the first look at the loss"


# Autograd refuses a loss that depends on no weight.
_WITHOUT_STEPS = '''\
def train_epoch(model, optimizer, x, t{w}, order):
    """One pass over the samples in that order; returns the model's outputs on the way."""
    model.train()
    with torch.no_grad():
        return torch.cat([model(inputs) for inputs in x[order].split(BATCH)])
'''
