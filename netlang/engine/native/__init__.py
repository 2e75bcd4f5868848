"""The native engine trains in C, which is written and compiled for each network."""
