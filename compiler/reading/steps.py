"""One step: its mapping to the dataclass of its verb."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypedDict

from compiler.reading import fields as f
from compiler.reading.nodes import Fields
from compiler.stages import documents as d
from compiler.stages.quantity import Dimension as Dim
from compiler.stages.quantity import Quantity

LAYERS = ("organic", "aqueous", "upper", "lower")

_PH_LIMIT = re.compile(r"\s*pH\s*([<>≤≥])=?\s*(-?[0-9]+(?:\.[0-9]+)?)\s*")
_PH_RANGE = re.compile(r"\s*pH\s*(-?[0-9]+(?:\.[0-9]+)?)\s*(?:–|-|to)\s*([0-9]+(?:\.[0-9]+)?)\s*")


class Common(TypedDict):
    """What every step takes."""

    id: str
    verb: str
    spans: d.Spans
    note: str | None
    by_operator: bool
    acknowledge: tuple[d.Acknowledgement, ...]
    within: tuple[d.Within, ...]


def build_step(common: Common, node: Fields) -> d.AnyStep | None:
    """The step, or None where a required part of it is faulty: its finding stands already.

    An optional part that is faulty is left out, and the step is built without it.
    """
    try:
        return _BUILDERS[common["verb"]](common, node)
    except f.Unreadable:
        return None


def _time(node: Fields, key: str) -> Quantity | None:
    return f.quantity(node, key, Dim.TIME)


def _at(node: Fields, key: str = "at") -> Quantity | None:
    return f.quantity(node, key, Dim.TEMPERATURE)


def _guard(node: Fields) -> Quantity | None:
    return f.quantity(node, "guard", Dim.VOLUME, Dim.LENGTH, Dim.FRACTION)


def _vessel(node: Fields) -> str:
    return f.need(f.text(node, "vessel"))


def _written(node: Fields, key: str, value: f.T | None) -> f.T | None:
    """The value; raises Unreadable where the key is written and there is none.

    For optional parts that change what the step does: without them it would be another step.
    """
    if key in node and value is None:
        raise f.Unreadable
    return value


def _add(common: Common, node: Fields) -> d.Add:
    return d.Add(
        **common,
        material=f.need(f.text(node, "material")),
        to=f.need(f.text(node, "to")),
        amount=f.need(f.amount(node, "amount", tuple(f.AMOUNT_KINDS))),
        at=_at(node),
        dropwise=_written(node, "dropwise", _dropwise(node)),
        portionwise=_written(node, "portionwise", _portionwise(node)),
        stir_during=f.word(node, "stir during", ("shaker", "pipette", "operator")),
    )


def _dropwise(node: Fields) -> d.Dropwise | None:
    inner = f.mapping(node.get("dropwise"))
    if inner is None:
        return None
    over, rate = _time(inner, "over"), f.quantity(inner, "rate", Dim.VOLUME_RATE)
    if over is None and rate is None:
        return None
    drop = f.quantity(inner, "drop", Dim.VOLUME)
    return d.Dropwise(f.spans(inner), over, rate, drop, f.integer(inner, "mix every"))


def _portionwise(node: Fields) -> d.Portionwise | None:
    inner = f.mapping(node.get("portionwise"))
    if inner is None or "portions" not in inner:
        return None
    every = f.need(_time(inner, "every"))
    return d.Portionwise(f.spans(inner), f.count(inner, "portions"), every)


def _transfer(common: Common, node: Fields) -> d.Transfer:
    is_all = f.need(f.text(node, "volume") or f.mapping(node.get("volume"))) == "all"
    return d.Transfer(
        **common,
        from_=f.need(f.text(node, "from")),
        to=f.need(f.text(node, "to")),
        volume=None if is_all else f.need(f.volume(node, "volume")),
        phase=_written(node, "phase", f.word(node, "phase", LAYERS)),
        rinse=f.rinse(node, "rinse"),
    )


def _mix(common: Common, node: Fields) -> d.Mix:
    cycles = f.integer(node, "cycles")
    return d.Mix(**common, vessel=_vessel(node), volume=f.volume(node, "volume"), cycles=cycles)


def _stir(common: Common, node: Fields) -> d.Stir:
    return d.Stir(
        **common,
        vessel=_vessel(node),
        for_=f.need(_time(node, "for")),
        at=_at(node),
        speed=f.quantity(node, "speed", Dim.SPEED),
    )


def _temper(common: Common, node: Fields) -> d.Temper:
    return d.Temper(
        **common,
        vessel=_vessel(node),
        to=f.need(_at(node, "to")),
        tolerance=f.quantity(node, "tolerance", Dim.TEMPERATURE_DIFFERENCE),
        hold=_time(node, "hold"),
    )


def _wait(common: Common, node: Fields) -> d.Wait:
    return d.Wait(**common, for_=f.need(_time(node, "for")), vessel=f.text(node, "vessel"))


def _monitor(common: Common, node: Fields) -> d.Monitor:
    dilute = f.mapping(node.get("dilute"))
    return d.Monitor(
        **common,
        vessel=_vessel(node),
        by=f.need(f.text(node, "by")),
        until=f.need(f.text(node, "until")),
        between=f.need(_time(node, "between")),
        at=_at(node),
        every=_time(node, "every"),
        aliquot=f.quantity(node, "aliquot", Dim.VOLUME),
        dilute_with=f.mixture(dilute, "with") if dilute else None,
        dilute_to=f.quantity(dilute, "to", Dim.VOLUME, Dim.CONCENTRATION) if dilute else None,
        pass_=f.text(node, "pass"),
        fail=f.text(node, "fail"),
    )


def _extract(common: Common, node: Fields) -> d.Extract:
    into = f.need(f.text(node, "into")) if common["verb"] == "extract" else None
    return d.Extract(
        **common,
        vessel=_vessel(node),
        with_=f.need(f.mixture(node, "with")),
        volume=f.need(f.volume(node, "volume")),
        times=f.count(node, "times"),
        keep=f.need(f.word(node, "keep", LAYERS)),
        into=into,
        mix_cycles=f.integer(node, "mix"),
        settle=_time(node, "settle"),
        guard=_guard(node),
    )


def _separate(common: Common, node: Fields) -> d.Separate:
    return d.Separate(
        **common,
        vessel=_vessel(node),
        keep=f.need(f.word(node, "keep", LAYERS)),
        into=f.need(f.text(node, "into")),
        settle=_time(node, "settle"),
        guard=_guard(node),
    )


def _adjust(common: Common, node: Fields) -> d.AdjustPh:
    above, below = f.need(read_ph(f.text(node, "to") or ""))
    return d.AdjustPh(
        **common,
        vessel=_vessel(node),
        with_=f.need(f.text(node, "with")),
        above=above,
        below=below,
        margin=f.quantity(node, "margin", Dim.EQUIVALENTS),
        amount=_written(node, "amount", f.amount(node, "amount", tuple(f.AMOUNT_KINDS))),
    )


def read_ph(text: str) -> tuple[float | None, float | None] | None:
    """`pH > 12`, `pH < 2` or `pH 9–10` as (above, below); None for anything else.

    >>> read_ph("pH > 12"), read_ph("pH 9–10")
    ((12.0, None), (9.0, 10.0))
    """
    text = text.replace("\u2212", "-")
    if limit := _PH_LIMIT.fullmatch(text):
        value = float(limit[2])
        return (value, None) if limit[1] in ">≥" else (None, value)
    if both := _PH_RANGE.fullmatch(text):
        low, high = float(both[1]), float(both[2])
        return (low, high) if low <= high else None
    return None


def _dry(common: Common, node: Fields) -> d.Dry:
    return d.Dry(
        **common,
        vessel=_vessel(node),
        over=f.need(f.text(node, "over")),
        amount=f.amount(node, "amount", tuple(f.AMOUNT_KINDS)),
        for_=_time(node, "for"),
    )


def _filter(common: Common, node: Fields) -> d.Filter:
    return d.Filter(
        **common,
        vessel=_vessel(node),
        keep=f.need(f.word(node, "keep", ("filtrate", "solid"))),
        into=f.text(node, "into"),
        rinse=f.rinse(node, "rinse"),
    )


def _concentrate(common: Common, node: Fields) -> d.Concentrate:
    dry = f.need(node.get("to")) is not None and f.text(node, "to") == "dryness"
    return d.Concentrate(
        **common,
        vessel=_vessel(node),
        to=None if dry else f.need(f.quantity(node, "to", Dim.VOLUME)),
        at=_at(node),
        pressure=f.quantity(node, "pressure", Dim.PRESSURE),
    )


def _purify(common: Common, node: Fields) -> d.Purify:
    return d.Purify(
        **common,
        vessel=_vessel(node),
        by=f.need(f.text(node, "by")),
        gradient=f.text(node, "gradient"),
        modifier=f.text(node, "modifier"),
        order=f.names(node, "order"),
        into=f.text(node, "into"),
        optional=f.flag(node, "optional"),
    )


def _hydrogenate(common: Common, node: Fields) -> d.Hydrogenate:
    return d.Hydrogenate(
        **common,
        vessel=_vessel(node),
        catalyst=f.need(f.text(node, "catalyst")),
        for_=f.need(_time(node, "for")),
        pressure=f.quantity(node, "pressure", Dim.PRESSURE),
        at=_at(node),
    )


def _closure(common: Common, node: Fields) -> d.Closure:
    return d.Closure(**common, vessel=_vessel(node), with_=f.text(node, "with"))


def _operator(common: Common, node: Fields) -> d.OperatorTask:
    do, vessel = f.need(f.text(node, "do")), f.text(node, "vessel")
    return d.OperatorTask(**common, do=do, vessel=vessel, for_=_time(node, "for"))


_BUILDERS: dict[str, Callable[[Common, Fields], d.AnyStep]] = {
    "add": _add,
    "transfer": _transfer,
    "mix": _mix,
    "stir": _stir,
    "heat": _temper,
    "cool": _temper,
    "wait": _wait,
    "monitor": _monitor,
    "extract": _extract,
    "wash": _extract,
    "separate": _separate,
    "acidify": _adjust,
    "basify": _adjust,
    "dry": _dry,
    "filter": _filter,
    "concentrate": _concentrate,
    "purify": _purify,
    "hydrogenate": _hydrogenate,
    "seal": _closure,
    "unseal": _closure,
    "operator": _operator,
}
