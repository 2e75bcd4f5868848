"""Pictures of graphs: what is drawn, where it stands, and the formats it is written in."""

from netlang.compiler.drawing.arrangement import TooLarge
from netlang.compiler.drawing.diagram import Box, Cluster, Diagram, Edge, diagram_of
from netlang.compiler.drawing.svg import svg
from netlang.compiler.drawing.text import dot, mermaid

__all__ = ["Box", "Cluster", "Diagram", "Edge", "TooLarge", "diagram_of", "dot", "mermaid", "svg"]
