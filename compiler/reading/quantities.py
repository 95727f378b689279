"""Text such as `1–2 h`, `-78 °C`, `1.1 equiv` or `rt` to a Quantity, or the finding it deserves.

Number and unit are taken apart here; what a unit is worth comes from `units`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from compiler.diagnostics.codes import units as u
from compiler.diagnostics.finding import Finding, Span
from compiler.reading import units
from compiler.reading.nodes import Fields, Items, Node, Scalar, quote
from compiler.stages.quantity import Dimension, Origin, Quantity

ROOM_TEMPERATURE_C = (20.0, 25.0)
ABSOLUTE_ZERO_C = -273.15

_ROOM = frozenset({"rt", "r.t.", "room temperature", "ambient", "ambient temperature"})
_LONGEST = 120

# Atomic: `1e-05 µL` must never be taken for a range from `1 e` to `05 µL`.
_NUMBER = r"(?>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4}(?![0-9]))?)"
_ONE = re.compile(rf"({_NUMBER})\s*(.*)", re.DOTALL)
# The unit of the low end ends before a separator that a number follows.
_TWO = re.compile(
    rf"({_NUMBER})\s*([^0-9±–—]*?)\s*(±|\+/-|–|—|-|\bto\b)\s*({_NUMBER})\s*([^0-9].*)?", re.DOTALL
)
_NOT_A_NUMBER = re.compile(r"[+-]?\.?(?:nan|inf(?:inity)?|∞)\b.*", re.IGNORECASE | re.DOTALL)
_SEPARATED = re.compile(r"[+-]?[0-9]+(?:[,'_ ][0-9]{3})+(?![0-9])")
_SIGNED = frozenset({Dimension.TEMPERATURE, Dimension.PH})
_SHARES = frozenset({Dimension.FRACTION, Dimension.MASS_FRACTION})
_EXAMPLES = {
    Dimension.TIME: "30 min",
    Dimension.TEMPERATURE: "0 °C",
    Dimension.TEMPERATURE_DIFFERENCE: "2 °C",
    Dimension.VOLUME: "200 µL",
    Dimension.AMOUNT: "0.10 mmol",
    Dimension.MASS: "25 mg",
    Dimension.EQUIVALENTS: "1.1 equiv",
    Dimension.CONCENTRATION: "0.5 M",
    Dimension.DENSITY: "1.18 g/mL",
    Dimension.VOLUME_RATE: "3.3 µL/min",
    Dimension.VOLUME_PER_AMOUNT: "5 mL/mmol",
    Dimension.VOLUME_PER_MASS: "10 mL/g",
    Dimension.FRACTION: "97 %",
    Dimension.MASS_FRACTION: "37 wt%",
    Dimension.PRESSURE: "50 mbar",
    Dimension.SPEED: "500 rpm",
    Dimension.LENGTH: "1.0 mm",
    Dimension.PH: "pH 9",
    Dimension.MOLAR_MASS: "200.28 g/mol",
}


@dataclass(frozen=True, slots=True)
class _Field:
    """What one field may hold, and what it does hold."""

    dimensions: tuple[Dimension, ...]
    text: str
    span: Span

    @property
    def wanted(self) -> str:
        names = [units.in_words(dimension) for dimension in self.dimensions]
        return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]

    @property
    def example(self) -> str:
        return (
            "Write for example "
            + " or ".join(f"`{_EXAMPLES[d]}`" for d in self.dimensions[:4])
            + "."
        )


class _Faulty(Exception):  # noqa: N818 - carries a finding out of nested helpers, caught below
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def parse_quantity(text: str, dimensions: tuple[Dimension, ...], span: Span) -> Quantity | Finding:
    """The quantity that `text` states, in the canonical unit of one of `dimensions`.

    A range without a plan is planned at its low end, a temperature range is left open, and
    `a ± b` is planned at `a` (the number that somebody wrote). `?` is a hole. The finding is one
    of U-NUMBER, U-UNIT-MISSING, U-UNIT-UNKNOWN, U-DIMENSION, U-VALUE and U-RANGE, at `span`.

    Raises ValueError only where `dimensions` is empty.

    >>> from compiler.stages.quantity import Dimension
    >>> q = parse_quantity("1–2 h", (Dimension.TIME,), Span("doc.yaml"))
    >>> (q.low, q.high, q.plan, q.origin.value)
    (3600.0, 7200.0, 3600.0, 'low end')
    """
    if not dimensions:
        raise ValueError("a quantity needs a dimension")
    field = _Field(dimensions, text.strip(), span)
    try:
        return _read(field)
    except _Faulty as faulty:
        return faulty.finding


def _read(field: _Field) -> Quantity:
    clean = field.text.replace("\u2212", "-").replace("\u00a0", " ").replace("\u202f", " ")
    if clean == "?":
        nan = math.nan
        return Quantity(
            field.dimensions[0], nan, nan, None, Origin.WRITTEN, field.text, field.span, hole=True
        )
    if Dimension.TEMPERATURE in field.dimensions and clean.lower() in _ROOM:
        low, high = ROOM_TEMPERATURE_C
        return Quantity(Dimension.TEMPERATURE, low, high, None, Origin.OPEN, field.text, field.span)
    if Dimension.PH in field.dimensions and clean[:2].lower() == "ph":
        clean = clean[2:].strip() + " pH"
    if Dimension.TEMPERATURE_DIFFERENCE in field.dimensions:
        clean = clean.removeprefix("±").removeprefix("+/-").strip()
    _check_writing(clean, field)
    if two := _TWO.fullmatch(clean):
        start, start_unit, separator, end, end_unit = two.groups()
        if end_unit is None and start_unit:
            # `5 mL min-1` and the like: a power, not a range
            raise _Faulty(_unknown_unit(clean[len(start) :].strip(), field))
        combine = _around if separator in ("±", "+/-") else _between
        return combine(start, start_unit or end_unit or "", end, end_unit or "", field)
    one = _ONE.fullmatch(clean)
    if one is None:
        raise _Faulty(_no_number(clean, field))
    dimension, value = _value(one[1], one[2], field)
    return Quantity(dimension, value, value, value, Origin.WRITTEN, field.text, field.span)


def _check_writing(clean: str, field: _Field) -> None:
    """Refuses what looks like a number and is none that can be told for sure."""
    if len(clean) > _LONGEST:
        raise _Faulty(_no_number(clean, field))
    if _NOT_A_NUMBER.fullmatch(clean):
        message = f"{quote(field.text)} is not a finite number."
        raise _Faulty(u.VALUE.at(field.span, message, help=field.example))
    if separated := _SEPARATED.match(clean):
        digits = re.sub(r"[^0-9+-]", "", separated[0])
        message = (
            f"{quote(separated[0])} may be a thousand or a decimal; thousands are not guessed."
        )
        help_ = f"Write {quote(digits)} without a separator, or a point for the decimal."
        raise _Faulty(u.NUMBER.at(field.span, message, help=help_))
    if decimal := re.match(r"[+-]?[0-9]+,[0-9]+", clean):
        message = f"{quote(decimal[0])} has a comma in it."
        help_ = f"Write {quote(decimal[0].replace(',', '.'))}, with a point."
        raise _Faulty(u.NUMBER.at(field.span, message, help=help_))


def _no_number(clean: str, field: _Field) -> Finding:
    message = (
        f"{quote(field.text) if field.text else 'An empty text'} has no number that can be read."
    )
    help_ = field.example
    if clean.startswith("$"):
        message = f"The parameter {quote(field.text)} has no value here."
        help_ = "Parameters get their values from a library, or from the `with:` of an `include`."
    elif clean.lower() in ("overnight", "o/n", "on"):
        help_ = "Write the hours that are meant: `12–18 h`."
    elif clean.startswith(tuple("<>~≤≥≈")) or clean.lower().startswith(
        ("ca", "about", "approx", "up to")
    ):
        help_ = "Write a range: `1–2 h`. " + field.example
    return u.NUMBER.at(field.span, message, help=help_)


def _around(centre: str, unit: str, half: str, half_unit: str, field: _Field) -> Quantity:
    dimension, middle = _value(centre, unit, field)
    meaning = _meaning(half_unit or unit, field)
    width = abs(float(half) * meaning.factor)
    low, high = middle - width, middle + width
    _check_value(dimension, low, field)
    if dimension is Dimension.TEMPERATURE:
        return Quantity(dimension, low, high, None, Origin.OPEN, field.text, field.span)
    return Quantity(dimension, low, high, middle, Origin.PLANNED, field.text, field.span)


def _between(low: str, low_unit: str, high: str, high_unit: str, field: _Field) -> Quantity:
    dimension, bottom = _value(low, low_unit, field)
    other, top = _value(high, high_unit, field)
    if other is not dimension:
        message = (
            f"{quote(field.text)} goes from {units.in_words(dimension)} to {units.in_words(other)}."
        )
        raise _Faulty(u.DIMENSION.at(field.span, message, help=field.example))
    if bottom > top:
        message = f"{quote(field.text)} goes from {low} down to {high}."
        help_ = f"Write the smaller first: `{high} {high_unit}–{low} {low_unit}`."
        raise _Faulty(u.RANGE.at(field.span, message, help=help_))
    if dimension is Dimension.TEMPERATURE and bottom < top:
        return Quantity(dimension, bottom, top, None, Origin.OPEN, field.text, field.span)
    origin = Origin.LOW_END if bottom < top else Origin.WRITTEN
    return Quantity(dimension, bottom, top, bottom, origin, field.text, field.span)


def _value(number: str, unit: str, field: _Field) -> tuple[Dimension, float]:
    meaning = _meaning(unit, field)
    value = float(number) * meaning.factor + meaning.offset
    if meaning.offset:
        value = round(value, 9)  # 298.15 K is 25 °C, not 24.999999999999943
    _check_value(meaning.dimension, value, field)
    return meaning.dimension, value


def _check_value(dimension: Dimension, value: float, field: _Field) -> None:
    problem = ""
    if not math.isfinite(value):
        problem = "is too large a number"
    elif dimension is Dimension.TEMPERATURE and value < ABSOLUTE_ZERO_C:
        problem = f"is below absolute zero ({ABSOLUTE_ZERO_C} °C)"
    elif dimension is Dimension.PH and not -2 <= value <= 16:
        problem = "is no pH that water can have (-2 to 16)"
    elif dimension in _SHARES and value > 1:
        problem = "is more than the whole (100 %)"
    elif value < 0 and dimension not in _SIGNED:
        problem = f"is negative, and {units.in_words(dimension)} cannot be"
    if problem:
        message = f"{quote(field.text)} {problem}."
        raise _Faulty(u.VALUE.at(field.span, message, help=field.example))


def _meaning(written: str, field: _Field) -> units.Meaning:
    unit = units.tidy(written)
    if not unit and Dimension.PH in field.dimensions:
        return units.Meaning(Dimension.PH, 1.0, 0.0)
    if unit == "pH" and Dimension.PH in field.dimensions:
        return units.Meaning(Dimension.PH, 1.0, 0.0)
    if not unit:
        names = [name for dimension in field.dimensions for name in units.offered(dimension)]
        message = f"{quote(field.text)} has no unit; {field.wanted} is wanted here."
        raise _Faulty(
            u.UNIT_MISSING.at(
                field.span,
                message,
                help=f"Give one of {', '.join(names)}: `{field.text} {names[0]}`.",
            )
        )
    if not unit[0].isalpha() and unit[0] not in "%°℃":
        message = f"{quote(field.text)} does not start with one number."
        raise _Faulty(u.NUMBER.at(field.span, message, help=field.example))
    hot = (
        Dimension.TEMPERATURE in field.dimensions
        or Dimension.TEMPERATURE_DIFFERENCE in field.dimensions
    )
    found = units.look_up(unit, hot)
    if found is None:
        raise _Faulty(_unknown_unit(unit, field))
    for meaning in found.meanings:
        if meaning.dimension in field.dimensions:
            return meaning
    message = f"{quote(field.text)} is {found.measures}; {field.wanted} is wanted here."
    raise _Faulty(u.DIMENSION.at(field.span, message, help=field.example))


def _unknown_unit(unit: str, field: _Field) -> Finding:
    close = units.suggest(unit, field.dimensions)
    message = f"{quote(unit)} is not a unit that is known."
    if re.search(r"[a-zµ]-[1-9]", unit):
        message = f"{quote(unit)} is not read as a unit: a minus sign makes a range."
        close = re.sub(r"\s*([A-Za-zµ]+)-1", r"/\1", unit)
    meant = f"Did you mean `{close}`? " if close else ""
    return u.UNIT_UNKNOWN.at(field.span, message, help=meant + field.example)


# --- quantities that are written as mappings ---------------------------------------------------


def read_quantity(node: Node, dimensions: tuple[Dimension, ...]) -> Quantity | tuple[Finding, ...]:
    """A quantity from its node: text, `[low, high]`, `{is: …}` or `{between: …, plan: …}`.

    `between` holds two quantities or the text of a range; either mapping may have `assumed: why`.
    The tuple of findings is empty where the node has no such shape: the schema says that.
    """
    if isinstance(node, Scalar):
        one = parse_quantity(node.text, dimensions, node.span)
        return (one,) if isinstance(one, Finding) else one
    if isinstance(node, Items):
        return _bounds(node, dimensions)
    between, exact = node.get("between"), node.get("is")
    if between is not None:
        quantity = _planned(node, between, dimensions)
    elif exact is not None and not isinstance(exact, Fields):
        quantity = read_quantity(exact, dimensions)
    else:
        return ()
    assumed = node.get("assumed")
    if isinstance(quantity, Quantity) and isinstance(assumed, Scalar):
        return replace(quantity, assumed=assumed.text)
    return quantity


def _planned(
    node: Fields, between: Node, dimensions: tuple[Dimension, ...]
) -> Quantity | tuple[Finding, ...]:
    allowed = _bounds(between, dimensions)
    if not isinstance(allowed, Quantity):
        return allowed
    plan_node = node.get("plan")
    if not isinstance(plan_node, Scalar):
        return allowed
    plan = parse_quantity(plan_node.text, (allowed.dimension,), plan_node.span)
    if isinstance(plan, Finding):
        return (plan,)
    if plan.hole or allowed.hole:
        return replace(allowed, plan=None, hole=True)
    value = plan.plan if plan.plan is not None else (plan.low + plan.high) / 2
    slack = 1e-9 * max(abs(allowed.low), abs(allowed.high))
    if not allowed.low - slack <= value <= allowed.high + slack:
        message = f"The plan {quote(plan.text)} lies outside {allowed.text}."
        help_ = "Plan a value inside the range, or widen the range if the chemistry allows it."
        return (u.PLAN.at(plan_node.span, message, help=help_),)
    text = f"{plan.text} (between {allowed.text})"
    return replace(allowed, plan=value, origin=Origin.PLANNED, text=text, span=node.span)


def _bounds(between: Node, dimensions: tuple[Dimension, ...]) -> Quantity | tuple[Finding, ...]:
    """What `between` allows: a range as text, or a list of two."""
    if isinstance(between, Scalar):
        return read_quantity(between, dimensions)
    if not isinstance(between, Items) or len(between) != 2:
        return ()
    ends = [
        parse_quantity(end.text, dimensions, end.span) if isinstance(end, Scalar) else None
        for end in between
    ]
    faults = tuple(end for end in ends if isinstance(end, Finding))
    low, high = ends
    if faults or not isinstance(low, Quantity) or not isinstance(high, Quantity):
        return faults
    text = f"{low.text} and {high.text}"
    if low.dimension is not high.dimension:
        first, second = units.in_words(low.dimension), units.in_words(high.dimension)
        message = f"The range goes from {first} ({low.text}) to {second} ({high.text})."
        return (
            u.DIMENSION.at(high.span, message, help="Give both ends in the same kind of unit."),
        )
    if low.hole or high.hole:
        return replace(low, text=text, span=between.span, hole=True, plan=None)
    if low.low > high.high:
        message = f"The range goes from {low.text} down to {high.text}."
        return (u.RANGE.at(between.span, message, help=f"Write [{high.text}, {low.text}]."),)
    is_open = low.dimension is Dimension.TEMPERATURE
    return Quantity(
        low.dimension,
        low.low,
        high.high,
        None if is_open else low.low,
        Origin.OPEN if is_open else Origin.LOW_END,
        text,
        between.span,
    )
