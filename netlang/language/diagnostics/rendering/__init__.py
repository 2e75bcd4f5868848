"""How a diagnostic is shown: as text for people, as JSON for programs."""
