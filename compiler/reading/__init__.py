"""From YAML to typed documents, with the place of every value."""
