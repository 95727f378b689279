"""The types between the passes: one module a stage, all of them frozen dataclasses."""
