"""The intermediate representation: what the compiler hands to everything after it."""

from netlang.ir.compare import Change, compare
from netlang.ir.graph import Expectation, Graph, Node, Optimization, Origin, Program, Step
from netlang.ir.memory import Memory, node_memory, training_memory
from netlang.ir.pieces import evaluation_rows
from netlang.ir.printer import print_program
from netlang.ir.unparse import unparse, written

__all__ = [
    "Change",
    "Expectation",
    "Graph",
    "Memory",
    "Node",
    "Optimization",
    "Origin",
    "Program",
    "Step",
    "compare",
    "evaluation_rows",
    "node_memory",
    "print_program",
    "training_memory",
    "unparse",
    "written",
]
