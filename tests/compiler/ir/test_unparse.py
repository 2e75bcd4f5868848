"""Graphs, printed as source and compiled again."""

from __future__ import annotations

from hypothesis import given, settings

from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from tests.graphs import graphs
from tests.unparse import structure, unparse


@settings(max_examples=300)
@given(graphs())
def test_a_graph_printed_as_source_compiles_to_an_equal_graph(graph: Graph) -> None:
    text = unparse(graph)
    compilation = compile_source(SourceFile("printed.net", text))
    assert structure(compilation.require().graph) == structure(graph), text
