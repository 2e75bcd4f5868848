"""Pictures of graphs: what is drawn, where it stands, and the formats it is written in."""

from netlang.compiler.drawing.diagram import Box, Cluster, Diagram, Edge, diagram_of
from netlang.compiler.drawing.dot_mermaid import dot, mermaid
from netlang.compiler.drawing.level import TooLarge
from netlang.compiler.drawing.svg import svg

__all__ = ["Box", "Cluster", "Diagram", "Edge", "TooLarge", "diagram_of", "dot", "mermaid", "svg"]
