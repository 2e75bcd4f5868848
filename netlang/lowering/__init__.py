"""How a program is said in other languages: one package for each target, C and PyTorch."""
