"""A trained network is used: it is found, read, asked for predictions, judged and looked into."""
