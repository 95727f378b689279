"""Substances, stoichiometry, phases and what must not meet."""
