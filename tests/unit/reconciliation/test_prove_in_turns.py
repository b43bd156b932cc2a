"""The table is proven a few segments a day, every owner within 30 days, and nothing is told before a second look."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from licensing.domain.core.instants import DAY
from licensing.domain.core.limits import EVERY_OWNER_WITHIN, SEGMENTS, SEGMENTS_A_DAY
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.licenses import Block
from licensing.domain.reconciliation.turns import ALL_TURNS, ProofTurn, due_segments, oldest_proof
from licensing.use_cases.reconciliation.prove_in_turns import look, oldest_proof_of, segments_due, walk
from tests.unit.reconciliation.test_reconcile import Town
from tests.worlds.assigning import NORTH, SOUTH
from tests.worlds.examples import NOON, at, later


@given(st.lists(st.booleans(), min_size=30, max_size=120))
def test_no_proof_is_older_than_30_days_while_rounds_run_and_a_missed_day_is_caught_up(runs: list[bool]) -> None:
    known: dict[int, ProofTurn] = {}
    now = NOON
    for runs_today in [True, *runs, True]:
        now += DAY
        if runs_today:
            for number in due_segments(RecordSet(known.values()), now):
                known[number] = ProofTurn(segment=number, proven_at=now)
            assert oldest_proof(RecordSet(known.values()), now) < EVERY_OWNER_WITHIN
            assert len(known) == SEGMENTS


def test_a_day_takes_as_many_segments_as_a_turn_leaves_for_it() -> None:
    known = RecordSet(ProofTurn(segment=number, proven_at=NOON) for number in range(SEGMENTS))
    assert len(due_segments(known, later(days=1))) == SEGMENTS_A_DAY
    assert len(due_segments(RecordSet(), NOON)) == SEGMENTS


def test_all_segments_together_lead_to_every_owner_and_note_their_turn() -> None:
    town, met = Town.built(), set[str]()
    store = town.world.store
    assert oldest_proof_of(store, NOON) == timedelta()
    for name in segments_due(store, NOON).page(None).items:
        for step in walk(store, name, None, at(later(days=6))):
            assert step.broken == []
            met.update(step.owners)
    order = next(owner for owner in met if owner.startswith("order/"))
    assert met == {order, f"org/{NORTH}", f"org/{SOUTH}", "msp/msp-blue"}
    assert len(list(store.get(*ALL_TURNS))) == SEGMENTS
    assert oldest_proof_of(store, later(days=8)) == 2 * DAY


def test_the_first_look_tells_nothing_and_the_second_what_it_finds_again() -> None:
    town = Town.built()
    look(town.world.store, f"org/{SOUTH}", at(later(days=6)), ())
    block = town.one(Block, lambda block: block.license_model == "AP-3YR-LIC")
    town.put(block.evolve(free=block.free.first(1)))
    first = look(town.world.store, f"org/{NORTH}", at(later(days=6)), ())
    assert (len(first.suspects) > 0, first.broken) == (True, [])
    second = look(town.world.store, f"org/{NORTH}", at(later(days=6)), first.suspects)
    assert {finding.promise for finding in second.broken} >= {"units are conserved"}
    assert second.suspects == ()
    town.put(block)
    assert look(town.world.store, f"org/{NORTH}", at(later(days=6)), first.suspects).broken == []


def test_what_an_org_has_of_anothers_key_is_shown_to_whoever_claimed_it() -> None:
    """In whatever order they are proven: at the second look nothing is missing."""
    town = Town.built()
    store, context = town.world.store, at(later(days=6))
    first = look(store, f"org/{NORTH}", context, ())
    assert first.suspects, "two of its licenses went to another org, of which no proof has told yet"
    assert look(store, f"org/{SOUTH}", context, ()).suspects == ()
    assert look(store, f"org/{NORTH}", context, first.suspects).broken == []
    # From now on it is asked when something new is met there.
    block = town.one(Block, lambda block: block.org_id == SOUTH)
    town.put(block.evolve(org_id="org-west"))
    assert look(store, "org/org-west", context, ()).asks == {f"org/{NORTH}"}
