"""The script in Opentrons' own simulator, and the proof that it does what was asked."""
