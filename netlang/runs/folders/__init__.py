"""The folder of a run: what is written there, how it is read again, and how its run goes on."""
