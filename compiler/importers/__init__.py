"""Other people's formats to ours."""
