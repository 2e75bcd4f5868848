"""What Python and the machine leave to us: whole files, signals, records, torch imported late."""
