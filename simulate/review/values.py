"""The plan's numbers as the page shows them.

Every number of the plan that the page shows is taken from the plan by its JSON pointer, and the
pointer stands in the page beside it (`<data value="0.11" data-plan="/charges/1/mmol">`): a reader
can trace it, and a test holds the whole page to plan.json.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from compiler.passes.lower import numbers

Plan = Mapping[str, Any]


def equivalents(value: float) -> str:
    """`1.10 equiv`."""
    return f"{numbers.digits(value)} equiv"


def clock_time(seconds: float) -> str:
    """`0:00`, `1:33` (h:min) from the start of the run on the robot."""
    minutes = int(seconds / 60 + 0.5)
    return f"{minutes // 60}:{minutes % 60:02d}"


def span_of_time(seconds: float) -> str:
    """`40 s`, `12 min`, `1 h 05 min`, `12 h`: rounded to what a person plans by."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes:02d} min" if minutes else f"{hours} h"


def _plain(value: float) -> str:
    return numbers.digits(value, 4) if abs(value) >= 1000 else numbers.digits(value)


KINDS: Mapping[str, Callable[[float], str]] = {
    "uL": numbers.volume,
    "mL": lambda value: f"{numbers.digits(value)} mL",
    "mg": numbers.mass,
    "mmol": numbers.amount,
    "equiv": equivalents,
    "s": span_of_time,
    "every": numbers.duration,
    "clock": clock_time,
    "mm": lambda value: f"{numbers.digits(value)} mm",
    "degC": numbers.temperature,
    "mz": lambda value: f"{value:.4f}",
    "percent": lambda value: f"{numbers.digits(100 * value)} %",
    "count": lambda value: f"{value:.0f}",
    "plain": _plain,
}
"""How a number is written, by kind. `plain` has no unit: the table's head has it."""


def at(plan: Plan, pointer: str) -> Any:
    """The plan's value under a JSON pointer (RFC 6901). Raises KeyError or IndexError."""
    value: Any = plan
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list | tuple) else value[key]
    return value


def pointer(*parts: str | int) -> str:
    """The JSON pointer to a place.

    >>> pointer("charges", 0, "a/b")
    '/charges/0/a~1b'
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def brief(ids: Sequence[str]) -> str:
    """Ids that end in numbers, runs of them shortened.

    >>> brief(["r1", "r2", "r3", "r7"])
    'r1–r3, r7'
    """
    runs: list[list[str]] = []
    for id_ in ids:
        if runs and _next(runs[-1][-1]) == id_:
            runs[-1].append(id_)
        else:
            runs.append([id_])
    return ", ".join(", ".join(run) if len(run) < 3 else f"{run[0]}–{run[-1]}" for run in runs)


def _next(id_: str) -> str:
    stem = id_.rstrip("0123456789")
    number = id_[len(stem) :]
    return f"{stem}{int(number) + 1}" if number else ""


class Quoter:
    """Writes numbers of one plan, each with where it comes from.

    The page of a sequence is written stage by stage, from plans of the stages. `places` then turns
    a pointer into a stage's plan into one into the whole plan, which is what is quoted.
    """

    def __init__(self, plan: Plan, places: Callable[[str], str] = str) -> None:
        self._plan = plan
        self._places = places

    def one(self, where: str, kind: str) -> Markup:
        """One number; a dash where the plan has none."""
        where = self._places(where)
        value = at(self._plan, where)
        if value is None:
            return Markup('<span class="none">–</span>')
        return Markup('<data value="{}" data-plan="{}" data-kind="{}">{}</data>').format(
            repr(value), where, kind, KINDS[kind](value)
        )

    def spread(self, places: Sequence[str], kind: str) -> Markup:
        """The smallest and the largest of several numbers, or the one that they all are.

        `data-among` names those that are not shown themselves.
        """
        found = [(at(self._plan, self._places(where)), where) for where in places]
        known = sorted((value, where) for value, where in found if value is not None)
        if not known:
            return Markup('<span class="none">–</span>')
        low, high = known[0], known[-1]
        alike = KINDS[kind](low[0]) == KINDS[kind](high[0])
        shown = (low,) if alike else (low, high)
        words = Markup("–").join(self.one(where, kind) for _, where in shown)
        others = " ".join(self._places(entry[1]) for entry in known if entry not in shown)
        return Markup('<span data-among="{}">{}</span>').format(others, words) if others else words

    def total(self, places: Sequence[str], kind: str) -> Markup:
        """The sum of several numbers; a dash where none is known."""
        places = [self._places(where) for where in places]
        known = [at(self._plan, where) for where in places]
        if not known or any(value is None for value in known):
            return Markup('<span class="none">–</span>')
        total = sum(known)
        return Markup('<data value="{}" data-sum="{}" data-kind="{}">{}</data>').format(
            repr(total), " ".join(places), kind, KINDS[kind](total)
        )
