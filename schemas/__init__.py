"""The JSON Schemas of the language and of what the commands print."""
