"""What the text of a kernel can name, and what a call passes for it."""

from __future__ import annotations

from netlang.catalogue.modules import Statistic
from netlang.lowering.c.generator.arrays import member
from netlang.lowering.c.generator.calls import Parameter, output
from netlang.lowering.c.generator.plan import Plan


def inputs(plan: Plan, number: int) -> list[Parameter]:
    named, layout = plan.input_names(number).items(), plan.layouts[number]
    return [Parameter(name, plan.value(source, layout)) for name, source in named]


def read_backwards(plan: Plan, number: int) -> list[Parameter]:
    """The values that the kernel declares to read backwards."""
    values = [*inputs(plan, number), Parameter("y", plan.value(number))]
    return [value for value in values if value.name in plan.kernels[number].reads]


def owned(plan: Plan, number: int) -> list[Parameter]:
    """A layer's weights, their gradients and its arrays; shared ones are their owner's."""
    owner = plan.graph.owner(number)
    at, parameters = plan.offsets[owner], []
    layer = plan.graph.nodes[owner].layer
    for name, weight in layer.declared_weights().items():
        parameters.append(Parameter(name, f"c->weights + {at}"))
        parameters.append(Parameter(f"{name}_grad", f"dw + {at}"))
        at += weight.size
    at = plan.statistics[owner]
    for name, one in layer.tensors().items():
        if isinstance(one, Statistic):
            parameters.append(Parameter(name, f"c->statistics + {at}"))
            at += one.size
    if arrays := plan.arrays.get(owner):
        parameters += [Parameter(name, f"p->{member(name, owner)}") for name in arrays.prepared]
        parameters += [Parameter(name, f"w->{member(name, owner)}") for name in arrays.sums]
    return parameters


def kept(plan: Plan, number: int) -> list[Parameter]:
    """The arrays that a routine keeps from its forward to its backward pass."""
    return [Parameter(name, buffer) for name, (buffer, _) in plan.kept(number).items()]


def scratch(plan: Plan, number: int, text: str) -> list[Parameter]:
    """The arrays in which a text of a routine works."""
    return [output(name, buffer) for name, (buffer, _) in plan.scratch(number, text).items()]


def batch_sums(plan: Plan, number: int) -> list[Parameter]:
    """What a routine measures of the whole batch, and which part of it a chunk is."""
    found = [
        Parameter("taken", f"n * {plan.graph.nodes[number].members}", "int"),
        Parameter("slice", "(int)(s - c->first_slice)", "int"),
    ]
    for name, (array, length) in plan.batch_sums(number).items():
        found.append(Parameter(f"all_{name}", f"p->{array}"))
        found.append(Parameter(name, f"p->{array} + s * ({length})"))
    return found


def draws(plan: Plan, number: int) -> list[Parameter]:
    """The samples' numbers, the layer's key, and the hashes of its units."""
    if number not in plan.random:
        return []
    samples = "w->samples" if plan.graph.nodes[number].members == 1 else "w->of_members"
    return [
        Parameter("samples", samples, "const uint32_t *restrict"),
        Parameter("key", f"(uint32_t)c->keys[{plan.random[number]}]", "uint32_t"),
        Parameter("units", f"p->units{number}", "const uint32_t *restrict"),
    ]


def blas(plan: Plan, number: int) -> list[Parameter]:
    calls_blas = plan.kernels[number].calls_blas
    return [Parameter("blas", "c->gemm", "gemm_function *")] if calls_blas else []
