"""Limits: a step begins in time after the end of an earlier one, in every reaction.

Who is served when is read off the commands: a pipette at a reaction's wells, a pause with a line
for the step, a wait in a step that is about time. Of a step that does nothing else the modules'
commands count. Where a hold is divided into batches, a reaction's own is taken to be the last one
that is over before it goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding
from compiler.target import commands as c
from simulate.checks.evidence import Evidence
from simulate.checks.visits import offsets_s, visits
from simulate.ledger import Ledger, Stamp, Wait
from simulate.plan import Limit, Plan
from simulate.traced import step_of

LATE_SHARE, LATE_S = 0.005, 1.0
WAIT_S = 5.0  # a shorter delay is part of pipetting
_OF_TIME = frozenset({"stir", "wait", "heat", "cool", "monitor", "operator"})
_OF_MODULES = frozenset({"heat", "cool"})
_OF_CAPS = frozenset({"seal", "unseal", "operator"})
_CAPS = ("open", "close")  # with these words the compiler's own caps go off and on

_Key = tuple[str, str]  # step, reaction


def check_limits(evidence: Evidence) -> Iterator[Finding]:
    """Each limit of the plan: the reaction that waits longest, and how many others are late."""
    if not evidence.plan.limits:
        return
    course = _Course(evidence)
    for limit in evidence.plan.limits:
        late = sorted(_late(course, limit), key=lambda found: -found[1])
        if not late:
            continue
        reaction, waited_s, stamp = late[0]
        more = f", and {len(late) - 1} more reactions begin too late" if len(late) > 1 else ""
        yield evidence.finding(
            v.WITHIN,
            f"begins {waited_s:.1f} s after the end of {limit.after} in {reaction}; the plan allows"
            f" {limit.within_s:.1f} s{more}",
            step=limit.step,
            stamp=stamp,
            advice="take out what stands between the two steps, or compile the procedure again",
        )


def _late(course: _Course, limit: Limit) -> Iterator[tuple[str, float, Stamp | None]]:
    """The reactions that wait too long, each with its time and the command that begins the step."""
    most_s = limit.within_s + max(LATE_S, LATE_SHARE * limit.within_s)
    for reaction in course.reactions:
        if not course.has(limit.step, reaction) or not course.has(limit.after, reaction):
            continue  # a control that leaves it out
        ended_s = course.ended_s(limit, reaction)
        begun = course.begun(limit.step, reaction, ended_s)
        if begun is not None and begun[0] - ended_s > most_s:
            yield reaction, begun[0] - ended_s, begun[1]


@dataclass(slots=True)
class _Done:
    """Something that was done, from when until when, and the command that it began with."""

    starts_s: float
    ends_s: float
    stamp: Stamp | None


class _Course:
    """Every step of every reaction as the run went; times count from the start of the run, the
    holds between scripts included."""

    def __init__(self, evidence: Evidence) -> None:
        plan = evidence.plan
        self.reactions = tuple(dict.fromkeys(reaction for reaction, _ in plan.wells))
        self._verbs = {step.id: step.verb for step in plan.steps}
        self._order = [step.id for step in plan.steps]
        self._at = _reactions_at(plan)
        self._charged, self._by_hand = _charged(plan)
        self._own: dict[_Key, _Done] = {}
        self._all: dict[str, _Done] = {}  # all commands of a step, and its line in the run log
        self._waits: dict[str, list[_Done]] = {}
        self._has_timers = False
        scripts = {script.part: script for script in plan.scripts}
        for ledger, offset_s in offsets_s(plan, evidence.ledgers):
            script = scripts.get(ledger.part)
            if script is not None and script.hold_step is not None:
                held = _Done(offset_s - script.hold_s, offset_s, None)
                self._waits.setdefault(script.hold_step, []).append(held)
            self._follow(ledger, offset_s)

    # --- what limits ask for ----------------------------------------------------------------

    def has(self, step: str, reaction: str) -> bool:
        """Whether a step is about a reaction: what charges some reactions is not about others."""
        return step not in self._charged or reaction in self._charged[step]

    def ended_s(self, limit: Limit, reaction: str) -> float:
        """When the step that a limit counts from ends; one that does nothing ends with the one
        before it."""
        first = self._own.get((limit.step, reaction))
        before_s = first.starts_s if first is not None else inf
        place = self._order.index(limit.after) if limit.after in self._order else -1
        ends = (self._end(s, reaction, before_s) for s in reversed(self._order[: place + 1]))
        return next((end for end in ends if end is not None), 0.0)

    def _end(self, step: str, reaction: str, before_s: float) -> float | None:
        own, every = self._own.get((step, reaction)), self._all.get(step)
        ends = [own.ends_s] if own is not None else []
        if self._verbs.get(step) in _OF_TIME:
            ends += [w.ends_s for w in self._waits.get(step, ()) if w.ends_s <= before_s]
        if every is not None and (self._verbs.get(step) in _OF_MODULES or not ends):
            ends.append(every.ends_s)
        return max(ends, default=None)

    def begun(self, step: str, reaction: str, after_s: float) -> tuple[float, Stamp | None] | None:
        """When a step begins for a reaction, and with which command; None where it does nothing.

        A hold in which a pipette mixes begins for each reaction with its own mixing. Without
        timers in the script a hold is a delay at its end; its step's line stands where it begins.
        """
        verb = self._verbs.get(step)
        own, every = self._own.get((step, reaction)), self._all.get(step)
        found = [own] if own is not None else []
        if verb in _OF_TIME:
            mixed_s = own.starts_s if own is not None else inf
            found += [
                wait
                for wait in self._waits.get(step, ())
                if wait.ends_s >= after_s and not wait.starts_s <= mixed_s <= wait.ends_s
            ]
        untimed = verb in _OF_TIME and not self._has_timers and own is None
        if every is not None and (verb in _OF_MODULES or untimed or not found):
            found.append(every)
        first = min(found, key=lambda done: done.starts_s, default=None)
        return None if first is None else (first.starts_s, first.stamp)

    # --- what the commands say --------------------------------------------------------------

    def _follow(self, ledger: Ledger, offset_s: float) -> None:
        for stamp, wells in visits(ledger):
            done = _Done(stamp.starts_s + offset_s, stamp.ends_s + offset_s, stamp)
            self._note(stamp.step, [r for w in wells for r in self._at.get(w, ())], done)
        for traced, stamp in zip(ledger.trace.commands, ledger.stamps, strict=True):
            done = _Done(stamp.starts_s + offset_s, stamp.ends_s + offset_s, stamp)
            match traced.command:
                case c.Pause(message):
                    self._pause(message, done)
                case c.StartTimer():
                    self._has_timers = True
            if stamp.step is not None and not isinstance(traced.command, c.Pause):
                self._all[stamp.step] = _both(self._all.get(stamp.step), done)
        for wait in ledger.waits:
            self._wait(wait, offset_s)

    def _note(self, step: str | None, reactions: Iterable[str], done: _Done) -> None:
        for reaction in reactions if step is not None else ():
            key = (step or "", reaction)
            self._own[key] = _both(self._own.get(key), done)

    def _pause(self, message: str, done: _Done) -> None:
        """Each line is about its own step: all reactions, or those that the operator charges."""
        for line in message.splitlines():
            step = step_of(line)
            if step is None:
                continue
            words = line.strip()[len(f"[{step}]") :].split()
            caps = bool(words) and words[0].lower() in _CAPS
            if not caps or self._verbs.get(step) in _OF_CAPS:
                self._note(step, self._by_hand.get(step, self.reactions), done)

    def _wait(self, wait: Wait, offset_s: float) -> None:
        step = wait.started_step or wait.stamp.step
        if step is None or wait.seconds < WAIT_S:
            return
        ends_s = min(wait.ends_s, wait.starts_s + wait.seconds)  # a timer may be overdue
        done = _Done(wait.starts_s + offset_s, ends_s + offset_s, wait.stamp)
        self._waits.setdefault(step, []).append(done)


def _both(before: _Done | None, done: _Done) -> _Done:
    """What was done from the first on until now."""
    if before is None:
        return done
    return _Done(before.starts_s, max(before.ends_s, done.ends_s), before.stamp)


def _reactions_at(plan: Plan) -> Mapping[c.WellRef, Sequence[str]]:
    """Whose a well is; a shared vessel is everybody's."""
    found: dict[c.WellRef, list[str]] = {}
    for (reaction, _), well in plan.wells.items():
        found.setdefault(well, []).append(reaction)
    return found


def _charged(plan: Plan) -> tuple[Mapping[str, set[str]], Mapping[str, tuple[str, ...]]]:
    """The reactions that each step charges, and those that its operator does."""
    every: dict[str, set[str]] = {}
    by_hand: dict[str, dict[str, None]] = {}
    for charge in plan.charges:
        every.setdefault(charge.step, set()).add(charge.reaction)
        if charge.by_operator:
            by_hand.setdefault(charge.step, {})[charge.reaction] = None
    return every, {step: tuple(reactions) for step, reactions in by_hand.items()}
