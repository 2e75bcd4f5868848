"""Networks of other frameworks are read, and written as .net files that people can read."""
