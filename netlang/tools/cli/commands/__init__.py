"""Each file has one command, ``command``, which is called like the file."""
