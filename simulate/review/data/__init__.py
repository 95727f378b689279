"""Tables for the review."""
