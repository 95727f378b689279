"""`T-`: time."""

from compiler.diagnostics.finding import Code, Severity

E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE

INTERVAL = Code("T-INTERVAL", E, "Drops cannot follow each other that fast")
HOLD = Code("T-HOLD", N, "A hold is longer than the robot may wait: the script is split")
BATCH = Code("T-BATCH", N, "Wells go in batches")
SPREAD = Code("T-SPREAD", N, "Reactions do not all see the same times")
LONGER = Code("T-LONGER", N, "A hold is longer than it says, for every reaction")
WITHIN = Code("T-WITHIN", E, "A step begins later than its limit allows")
HOURS = Code("T-HOURS", N, "When to start for all pauses to fall into the bench's hours")
