"""How long a pause lasts, as its message says: one line, written and read by both sides.

The script's pauses end with it (`About 16 min.`), so that whoever stands at the robot knows what
to expect, and so that the clock of a simulation, which sees only the script, keeps the plan's time.
"""

from __future__ import annotations

import re
from math import ceil

_SAID = re.compile(r"About (?:(\d+) h)?(?: ?(\d+) min)?(?: ?(\d+) s)?\.")
_DIGITS = 7  # what has more is no time of a pause


def about(seconds: float) -> str:
    """The line for a pause: whole seconds, rounded up.

    >>> about(960.0), about(500.0), about(5400.0)
    ('About 16 min.', 'About 8 min 20 s.', 'About 1 h 30 min.')
    """
    minutes, second = divmod(ceil(seconds - 1e-9), 60)
    hour, minute = divmod(minutes, 60)
    parts = [f"{n} {unit}" for n, unit in ((hour, "h"), (minute, "min"), (second, "s")) if n]
    return f"About {' '.join(parts) or '0 s'}."


def said_s(message: str) -> float | None:
    """What the last line of a pause's message says, in s; None where it says nothing.

    >>> said_s("[quench] Open reactors A1.\\nAbout 1 h 30 min."), said_s("Fill the rack.")
    (5400.0, None)
    """
    last = message.rstrip().rpartition("\n")[2].strip()
    found = _SAID.fullmatch(last)
    groups = found.groups(default="") if found is not None else ()
    if not any(groups) or max(map(len, groups)) > _DIGITS:
        return None
    hours, minutes, seconds = (float(group or 0) for group in groups)
    return 3600.0 * hours + 60.0 * minutes + seconds
