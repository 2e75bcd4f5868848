"""A shell completes commands, options, files and names: the scripts it runs, and the words."""
