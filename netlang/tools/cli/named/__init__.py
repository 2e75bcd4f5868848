"""What a command line names: files, models, runs, tables of new samples, and files to write."""
