"""A run trains a program, yields events about its progress, and keeps them in a folder."""
