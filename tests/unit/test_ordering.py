"""Which batch's turn it is: orders worked out by hand, and what holds for any of them."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.passes.ordering import Chain, Ordering, Turn, ordering


def chain(*turns: Turn, tail_s: float = 0.0) -> Chain:
    return Chain(turns=turns, tail_s=tail_s)


def starts_s(chains: Sequence[Chain], found: Ordering) -> dict[tuple[int, int], float]:
    """When each turn starts if the arm goes by the order and its rests, and as little else as can
    be; holds are kept."""
    ends_s: dict[tuple[int, int], float] = {}
    started: dict[tuple[int, int], float] = {}
    now_s = 0.0
    following = [*found.sequence[1:], None]
    for (c, t), rest_s, after in zip(found.sequence, found.rests_s, following, strict=True):
        turn = chains[c].turns[t]
        since_s = ends_s[c, t - 1] if t else 0.0
        start_s = max(now_s, since_s + turn.hold_s) + rest_s
        joined = after == (c, t + 1)
        now_s = start_s + turn.seconds - (turn.drain_s if joined else 0.0)
        started[c, t], ends_s[c, t] = start_s, now_s
    return started


def late_s(chains: Sequence[Chain], found: Ordering) -> float:
    """By how much the latest turn after a hold is later than it may be."""
    started = starts_s(chains, found)
    worst = 0.0
    for (c, t), start_s in started.items():
        turn = chains[c].turns[t]
        if t == 0 or turn.slack_s is None:
            continue
        before = chains[c].turns[t - 1]
        place = found.sequence.index((c, t - 1))
        joined = found.sequence[place + 1] == (c, t)
        ended_s = started[c, t - 1] + before.seconds - (before.drain_s if joined else 0.0)
        worst = max(worst, start_s - ended_s - turn.hold_s - turn.slack_s)
    return worst


def test_a_chain_by_itself_takes_its_turns_and_its_holds() -> None:
    found = ordering((chain(Turn(seconds=10), Turn(seconds=5, hold_s=100, slack_s=1), tail_s=7),))
    assert found.sequence == ((0, 0), (0, 1))
    assert found.seconds == pytest.approx(122.0)
    assert found.rests_s == (0.0, 0.0)
    assert found.waits_s == (0.0, 100.0)


def test_one_batch_is_served_while_another_stands() -> None:
    """10 + 10, the first one's hold of 100 is over at 110, the second one's at 120."""
    one = chain(Turn(seconds=10), Turn(seconds=10, hold_s=100, slack_s=1))
    found = ordering(
        (
            one,
            one,
        )
    )
    assert found.sequence == ((0, 0), (1, 0), (0, 1), (1, 1))
    assert found.seconds == pytest.approx(130.0)


def test_a_batch_begins_later_for_its_hold_to_end_when_the_arm_is_free() -> None:
    """The first batch's last turn takes 50, from 110 on; the second one's hold may not end before
    160, so that it begins at 50 and not at 10."""
    one = chain(Turn(seconds=10), Turn(seconds=50, hold_s=100, slack_s=0))
    found = ordering(
        (
            one,
            one,
        )
    )
    assert found.sequence == ((0, 0), (1, 0), (0, 1), (1, 1))
    assert found.rests_s == (0.0, 40.0, 0.0, 0.0)
    assert found.seconds == pytest.approx(210.0)


def test_what_may_wait_does() -> None:
    one = chain(Turn(seconds=10), Turn(seconds=50, hold_s=100))
    found = ordering(
        (
            one,
            one,
        )
    )
    assert found.rests_s == (0.0, 0.0, 0.0, 0.0)
    assert found.seconds == pytest.approx(210.0)


def test_pieces_that_follow_each_other_are_not_drained() -> None:
    piece = Turn(seconds=30, drain_s=10)
    found = ordering((chain(Turn(seconds=1), piece, piece, piece),))
    assert found.seconds == pytest.approx(1 + 20 + 20 + 30)


def test_a_piece_is_drained_where_another_batch_comes_between() -> None:
    """The second batch's turn is due at 100, in the first one's pieces."""
    pieces = chain(Turn(seconds=80), *(Turn(seconds=20, drain_s=5) for _ in range(4)))
    due = chain(Turn(seconds=1), Turn(seconds=10, hold_s=99, slack_s=5))
    found = ordering(
        (
            due,
            pieces,
        )
    )
    assert late_s([due, pieces], found) <= 1e-6
    assert found.seconds == pytest.approx(80 + 1 + 4 * 20 - 2 * 5 + 10, abs=6)


def test_the_same_chains_give_the_same_order() -> None:
    chains = tuple(
        chain(Turn(seconds=s), Turn(seconds=s / 2, hold_s=60, slack_s=5), Turn(seconds=7))
        for s in (10, 20, 15, 10)
    )
    once = ordering(chains)
    ordering.cache_clear()
    assert ordering(chains) == once


turns = st.builds(
    Turn,
    seconds=st.integers(1, 60).map(float),
    hold_s=st.sampled_from([0.0, 0.0, 30.0, 90.0]),
    slack_s=st.sampled_from([None, 2.0, 10.0]),
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.lists(turns, min_size=1, max_size=3), min_size=1, max_size=3))
def test_any_order_serves_all_and_keeps_every_hold(drawn: list[list[Turn]]) -> None:
    chains = tuple(Chain(turns=tuple(each)) for each in drawn)
    found = ordering(chains)
    wanted = {(c, t) for c, each in enumerate(chains) for t in range(len(each.turns))}
    assert len(found.sequence) == len(wanted) and set(found.sequence) == wanted
    for c in range(len(chains)):
        mine = [t for chain_, t in found.sequence if chain_ == c]
        assert mine == sorted(mine)
    assert late_s(chains, found) <= 0.1  # the solver counts in tenths
    alone_s = max(sum(t.seconds + t.hold_s for t in each.turns) for each in chains)
    assert found.seconds >= max(alone_s, sum(t.seconds for e in chains for t in e.turns)) - 0.1
