"""Tables, with their sources."""
