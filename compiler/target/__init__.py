"""The robots: labware, pipettes, modules, decks, the clock, the script."""
