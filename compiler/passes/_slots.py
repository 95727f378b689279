"""Which slot everything on the deck takes.

What the bench puts into a slot stays there. The rest follows the robots' manuals: modules only
where they may stand; on an OT-2 no module beside a heater-shaker, and nothing higher than 53 mm
to its left and right. Those slots are filled last on either robot, since a heater-shaker is best
left alone (docs.opentrons.com/python-api/modules/heater-shaker).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding, Span
from compiler.passes._equipment import a
from compiler.target.labware import Labware
from compiler.target.modules import Module

# The middle of the deck first: the pipettes' work is between the modules in front.
ORDER = {
    "OT-2": ("5", "6", "8", "9", "2", "4", "7", "10", "11", "3", "1"),
    "Flex": ("C2", "D2", "B2", "C3", "D3", "B3", "A2", "C1", "B1", "A1", "D1", "A3"),
}
TRASH_ORDER = ("A3", "B3", "C3", "D3", "C1", "D1", "B1", "A1")  # slots that take a Flex's trash bin
SHAKER = "heaterShakerModuleV1"
BESIDE_SHAKER_MM = 53.0
# Tip racks that are narrow enough at the height of the latch (opentrons 9.0.0, deck_conflict).
NARROW_RACKS = (
    "opentrons_96_tiprack_20ul",
    "opentrons_96_tiprack_300ul",
    "opentrons_96_filtertiprack_20ul",
    "opentrons_96_filtertiprack_200ul",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Something that needs a slot: a module, or labware that stands on the deck itself."""

    label: str
    thing: Module | Labware
    slot: str | None  # where the bench wants it
    span: Span | None


@dataclass(slots=True)
class Slots:
    """The deck while it fills. `at` gives the slot of each label."""

    robot: str
    at: dict[str, str] = field(default_factory=dict)
    trash: str | None = None
    findings: list[Finding] = field(default_factory=list)
    _taken: dict[str, str] = field(default_factory=dict)  # slot -> label
    _modules: dict[str, Module] = field(default_factory=dict)  # slot -> module

    @property
    def all(self) -> tuple[str, ...]:
        """Every slot that the pipettes reach, in the order of use."""
        return ORDER.get(self.robot, ORDER["Flex"])

    def free(self, racks: Iterable[Labware]) -> tuple[str, ...]:
        """The slots left over for these tip racks, those beside a shaker last or not at all."""
        low = all(self._fits_beside(rack) for rack in racks)
        left = [slot for slot in self._in_order() if slot not in self._taken]
        return tuple(s for s in left if low or self.robot == "Flex" or s not in self._beside())

    def fill(self, wanted: Sequence[Wanted]) -> None:
        """Gives everything a slot: what the bench placed, trash, modules, labware, high first."""
        named = [want for want in wanted if want.slot is not None]
        for want in sorted(named, key=lambda w: not isinstance(w.thing, Module)):
            self._put_named(want)
        if self.robot == "Flex":
            self.trash = next((slot for slot in TRASH_ORDER if slot not in self._taken), None)
            if self.trash is not None:
                self._taken[self.trash] = "the trash bin"
        rest = [want for want in wanted if want.slot is None]
        modules = [w for w in rest if isinstance(w.thing, Module)]
        labware = [w for w in rest if isinstance(w.thing, Labware)]
        modules.sort(key=lambda w: len(self._module_slots(w.thing)))
        labware.sort(key=lambda w: self._fits_beside(w.thing))
        left_out = [want for want in (*modules, *labware) if not self._put(want)]
        if left_out:
            self.findings.append(self._full(wanted, left_out))

    def _module_slots(self, thing: Module | Labware) -> tuple[str, ...]:
        return thing.slots.get(self.robot, ()) if isinstance(thing, Module) else ()

    def _covered(self, thing: Module | Labware, slot: str) -> tuple[str, ...]:
        more = thing.occupies.get(self.robot, ()) if isinstance(thing, Module) else ()
        return (slot, *more)

    def _put_named(self, want: Wanted) -> None:
        slot = want.slot or ""
        reason = self._against(want.thing, slot)
        if reason is not None:
            self.findings.append(
                platform.SLOT.at(
                    want.span,
                    f"{want.label} can't stand in slot {slot}: {reason}",
                    help="name another slot, or leave it out to have one chosen",
                )
            )
            return
        self._take(want, slot)

    def _put(self, want: Wanted) -> bool:
        slots = self._module_slots(want.thing) or self._in_order()
        for slot in slots:
            if self._against(want.thing, slot) is None:
                self._take(want, slot)
                return True
        return False

    def _take(self, want: Wanted, slot: str) -> None:
        self.at[want.label] = slot
        for covered in self._covered(want.thing, slot):
            self._taken[covered] = want.label
        if isinstance(want.thing, Module):
            self._modules[slot] = want.thing

    def _against(self, thing: Module | Labware, slot: str) -> str | None:
        """Why something can't stand in a slot; None if it can."""
        if slot not in self.all:
            trash = " (12 is its trash)" if self.robot == "OT-2" else ""
            return f"the deck of {a(self.robot)} has {', '.join(sorted(self.all, key=_key))}{trash}"
        if isinstance(thing, Module) and slot not in self._module_slots(thing):
            possible = ", ".join(self._module_slots(thing)) or "none"
            return f"a {thing.display_name} may stand in {possible} on {a(self.robot)}"
        for covered in self._covered(thing, slot):
            if covered in self._taken:
                return f"{self._taken[covered]} is in {covered}"
        return self._against_shaker(thing, slot) if self.robot == "OT-2" else None

    def _against_shaker(self, thing: Module | Labware, slot: str) -> str | None:
        """The OT-2's rules for the neighbours of a heater-shaker."""
        if isinstance(thing, Labware):
            if slot in self._beside() and not self._fits_beside(thing):
                return (
                    f"it is {thing.height_mm:g} mm high, and beside a heater-shaker the most is 53"
                )
            return None
        around = {near for own in self._covered(thing, slot) for near in neighbours(own)}
        for other_slot, other in self._modules.items():
            if SHAKER in (thing.model, other.model) and other_slot in around:
                return f"no module stands beside a heater-shaker, and {other_slot} has one"
        return None

    def _beside(self) -> frozenset[str]:
        """The slots left and right of heater-shakers."""
        return frozenset(
            near
            for slot, module in self._modules.items()
            if module.model == SHAKER
            for near in beside(slot)
        )

    def _fits_beside(self, thing: Module | Labware) -> bool:
        if isinstance(thing, Module):
            return False
        return thing.height_mm < BESIDE_SHAKER_MM or thing.load_name in NARROW_RACKS

    def _in_order(self) -> list[str]:
        near = self._beside()
        return sorted(self.all, key=lambda slot: slot in near)

    def _full(self, wanted: Sequence[Wanted], left_out: Sequence[Wanted]) -> Finding:
        needed = sum(len(self._covered(w.thing, w.slot or "")) for w in wanted)
        have = len(self.all) - (self.trash is not None)
        names = ", ".join(want.label for want in wanted)
        missing = ", ".join(_with_height(want) for want in left_out)
        return platform.DECK.at(
            left_out[0].span,
            f"{needed} places are needed ({names}), and the deck of {a(self.robot)} has {have}; "
            f"no place is left for {missing}",
            help="leave out labware or modules that the procedure does not need, or let one rack "
            "hold more; on an OT-2 labware higher than 53 mm can't stand beside a heater-shaker",
        )


def _with_height(want: Wanted) -> str:
    if isinstance(want.thing, Labware) and want.thing.height_mm >= BESIDE_SHAKER_MM:
        return f"{want.label} ({want.thing.height_mm:g} mm high)"
    return want.label


def _key(slot: str) -> tuple[int, str]:
    return (len(slot), slot)


def beside(slot: str) -> tuple[str, ...]:
    """The slots left and right of a slot."""
    row, column = _place(slot)
    return tuple(_name(slot, row, c) for c in (column - 1, column + 1) if 0 <= c <= 2)


def neighbours(slot: str) -> tuple[str, ...]:
    """The slots left, right, behind and in front."""
    row, column = _place(slot)
    return (*beside(slot), *(_name(slot, r, column) for r in (row - 1, row + 1) if 0 <= r <= 3))


def _place(slot: str) -> tuple[int, int]:
    """(row from the front, column from the left), from 0."""
    if slot.isdigit():
        return divmod(int(slot) - 1, 3)
    return "DCBA".index(slot[0]), int(slot[1]) - 1


def _name(like: str, row: int, column: int) -> str:
    return str(3 * row + column + 1) if like.isdigit() else f"{'DCBA'[row]}{column + 1}"
