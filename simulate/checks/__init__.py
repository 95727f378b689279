"""What the verifier proves, one file a subject. None of it knows how the plan was made."""
