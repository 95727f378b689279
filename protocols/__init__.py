"""Procedures, blocks, benches and labware that ship."""
