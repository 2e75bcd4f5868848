"""Gradients are held against central differences: is what ``backward`` gives the truth?"""
