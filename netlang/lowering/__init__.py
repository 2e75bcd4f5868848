"""How a program is said elsewhere: one package for each target, C and PyTorch."""
