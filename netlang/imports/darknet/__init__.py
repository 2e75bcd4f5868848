"""Darknet's cfg files are read."""
