"""Numbers as a chemist writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def digits(value: float, significant: int = 3) -> str:
    """`value` with so many significant digits and no exponent: 10.6, 0.150, 1320."""
    if value == 0:
        return "0"
    text = f"{value:.{significant}g}"
    if "e" in text:
        return f"{float(text):.0f}"
    whole = len(text.split(".")[0].lstrip("-0"))
    if whole >= significant:
        return f"{value:.0f}"
    places = significant - whole
    if whole == 0:
        fraction = text.split(".")[1] if "." in text else ""
        places = len(fraction) - len(fraction.lstrip("0")) + significant
    return f"{value:.{places}f}"


def volume(value_ul: float) -> str:
    """`12.7 µL`, `500 µL`, `1.32 mL`."""
    if value_ul >= 10_000:
        return f"{digits(value_ul / 1000)} mL"
    return f"{digits(value_ul, 4) if value_ul >= 1000 else digits(value_ul)} µL"


def mass(value_mg: float) -> str:
    """`10.6 mg`, `1.25 g`."""
    return f"{digits(value_mg / 1000)} g" if value_mg >= 1000 else f"{digits(value_mg)} mg"


def amount(value_mmol: float) -> str:
    """`0.150 mmol`."""
    return f"{digits(value_mmol)} mmol"


def duration(seconds: float) -> str:
    """`45 s`, `10 min`, `1 h`, `12 h 30 min`."""
    if seconds < 90 and seconds % 60:
        return f"{digits(seconds)} s"
    minutes = round(seconds / 60, 2)
    if minutes < 60:
        return f"{minutes:g} min"
    hours, rest = divmod(round(minutes), 60)
    return f"{hours} h" if not rest else f"{hours} h {rest} min"


def temperature(celsius: float) -> str:
    """`4 °C`, with a true minus sign."""
    return f"{celsius:g} °C".replace("-", "−")


def spread(values: Iterable[float], write: Callable[[float], str]) -> str:
    """One value where all are equal, else the smallest and the largest.

    `write` turns a number into text.
    """
    found = sorted(values)
    if not found:
        return ""
    low, high = write(found[0]), write(found[-1])
    return low if low == high else f"{low} to {high}"


def times(count: int) -> str:
    """`once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
