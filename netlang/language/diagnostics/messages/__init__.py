"""What there is to say, a record for each mistake: one file for each kind."""
