"""No test sees the catalogue of whoever runs it."""

import os

os.environ["WORKUP_CATALOGUE"] = ""
