"""A file for each command, whose `command` is what the program calls."""
