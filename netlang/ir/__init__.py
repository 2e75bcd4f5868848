"""The intermediate representation: what the compiler hands to everything after it."""

from netlang.ir.graph import Expectation, Graph, Node, Optimization, Origin, Program
from netlang.ir.printer import print_program

__all__ = ["Expectation", "Graph", "Node", "Optimization", "Origin", "Program", "print_program"]
