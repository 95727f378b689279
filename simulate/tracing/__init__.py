"""The engine's commands, family by family, in the project's own vocabulary."""
