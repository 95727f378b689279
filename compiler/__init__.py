"""workup: a compiler for robotic synthesis."""
