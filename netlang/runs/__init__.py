"""A run trains a program, says what happens on the way, and keeps that."""
