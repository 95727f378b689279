"""`U-`: quantities and their units."""

from compiler.diagnostics.finding import Code, Severity

E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE

DIMENSION = Code("U-DIMENSION", E, "A quantity has the wrong dimension")
UNIT_MISSING = Code("U-UNIT-MISSING", E, "A number stands without its unit")
UNIT_UNKNOWN = Code("U-UNIT-UNKNOWN", E, "A unit is not known")
NUMBER = Code("U-NUMBER", E, "A quantity has no readable number")
VALUE = Code("U-VALUE", E, "A quantity has an impossible value")
RANGE = Code("U-RANGE", E, "A range is written backwards")
PLAN = Code("U-PLAN", E, "A planned value lies outside its range")
