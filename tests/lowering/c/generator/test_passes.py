"""Which memory the calls of a step share."""

from __future__ import annotations

from netlang.catalogue.layers import BatchNorm
from netlang.catalogue.losses import MSE
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.lowering.c.generator.losses import Losses
from netlang.lowering.c.generator.passes import Passes
from netlang.lowering.c.generator.plan import Plan

NET = """
input = [3, 6, 6]
net = Conv2d(3, 4, 3) -> BatchNorm(4) -> ReLU -> MaxPool2d(2)
   -> [Conv2d(4, 4, 1) -> BatchNorm(4), Identity] -> Add -> Flatten
   -> Linear(_, 5) -> BatchNorm(5) -> Tanh -> Linear(5, 2)
"""


def test_only_what_gives_way_is_written_over_while_it_is_read() -> None:
    plan = Plan(compile_source(SourceFile("made.net", NET)).require().graph)
    passes = Passes(plan, 8, Losses(MSE(), plan.graph.output, plan.members))
    place = passes.memory.names
    for call in (*passes.forward, *passes.loss, *passes.backward):
        access = call.access
        over = {
            read
            for read in access.reads
            for written in access.writes
            if written != read and place[written] == place[read]
        }
        assert over <= {*access.gives_way}, call.stem


def test_the_gradient_of_what_a_norm_takes_lies_where_that_of_what_it_gives_lay() -> None:
    plan = Plan(compile_source(SourceFile("made.net", NET)).require().graph)
    place = Passes(plan, 8, Losses(MSE(), plan.graph.output, plan.members)).memory.names
    norms = [one for one in plan.live if isinstance(plan.graph.nodes[one].layer, BatchNorm)]
    assert len(norms) == 3
    for norm in norms:
        (source,) = plan.inputs(norm)
        assert place[plan.gradient(source)] == place[plan.gradient(norm)]
