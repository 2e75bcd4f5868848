"""Each file has one command of the program: ``command``, under the file's name."""
