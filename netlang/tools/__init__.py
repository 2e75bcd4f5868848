"""What people touch: the command line lives here, and editors and a web page will."""
