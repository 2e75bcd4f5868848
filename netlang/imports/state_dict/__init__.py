"""Weights that PyTorch has saved by their names, in a safetensors file."""
