"""From a syntax tree to a program: passes, the graph, its printed forms, estimates and pictures."""
