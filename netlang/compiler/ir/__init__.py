"""The intermediate representation: what the compiler hands to everything after it."""

from netlang.compiler.ir.beginning import Beginning, OtherNames
from netlang.compiler.ir.compare import Change, compare
from netlang.compiler.ir.graph import Expansion, Graph, Node, Origin, input_node
from netlang.compiler.ir.outline import Part, Row, outline
from netlang.compiler.ir.printer import print_program
from netlang.compiler.ir.program import COMPARISONS, Expectation, Program

__all__ = [
    "COMPARISONS",
    "Beginning",
    "Change",
    "Expansion",
    "Expectation",
    "Graph",
    "Node",
    "Origin",
    "OtherNames",
    "Part",
    "Program",
    "Row",
    "compare",
    "input_node",
    "outline",
    "print_program",
]
