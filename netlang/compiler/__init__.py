"""From a syntax tree to a program: passes, fixes, the graph, its printed forms and pictures."""
