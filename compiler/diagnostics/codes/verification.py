"""`V-`: the simulated run against the plan."""

from compiler.diagnostics.finding import Code, Severity

E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE

RUN = Code("V-RUN", E, "The script does not run in the simulator")
TIMEOUT = Code("V-TIMEOUT", E, "The script does not end")
MEMORY = Code("V-MEMORY", E, "The script needs too much memory")
PLAN = Code("V-PLAN", E, "The plan does not belong to the script")
CHARGE = Code("V-CHARGE", E, "A well did not get what the plan charges")
SOURCE = Code("V-SOURCE", E, "A charge was drawn from the wrong place")
RATE = Code("V-RATE", E, "An addition was faster or slower than planned")
PORTION = Code("V-PORTION", E, "A portion is missing, doubled or at the wrong time")
DRAW = Code("V-DRAW", E, "A draw took another volume or layer than planned")
HOLD = Code("V-HOLD", E, "A hold was shorter than planned")
WITHIN = Code("V-WITHIN", E, "A step began later than its limit allows")
TEMPERATURE = Code("V-TEMPERATURE", E, "A vessel was not at its temperature")
STIR = Code("V-STIR", E, "A vessel was not mixed or shaken as planned")
TIP = Code("V-TIP", E, "A tip carried one liquid into another")
CONTENTS = Code("V-CONTENTS", E, "A well does not hold what the plan says")
STEP = Code("V-STEP", E, "A step is missing or out of order")
ACTION = Code("V-ACTION", E, "A step does something else than planned")
