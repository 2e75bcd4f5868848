"""Netlang and PyTorch train the same file: in lockstep, or many times in turns."""
