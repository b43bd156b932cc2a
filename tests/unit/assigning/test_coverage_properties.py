"""Coverage, whatever happens to a device (D21, D23, D24, D31)."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from licensing.domain.assigning.coverage import Coverage, coverage_of
from licensing.domain.assigning.devices import Association, Device
from licensing.domain.core.instants import DAY
from licensing.domain.licenses.licenses import License
from tests.worlds.assigning import NORTH
from tests.worlds.examples import NOON

SPAN = 700
MODELS = ("AP-1YR-LIC", "AP-3YR-LIC", "AP-5YR-LIC")

instants = st.integers(0, SPAN * 24).map(lambda hours: NOON + timedelta(hours=hours))
# (issued this long before its association, model, burned before)
offers = st.tuples(st.integers(0, 300), st.sampled_from(MODELS), st.integers(0, 200))


@st.composite
def histories(draw: st.DrawFn) -> list[Device]:
    """A device after each thing that happened to it: licences associated, networks entered and left."""
    device = Device(
        org_id=NORTH,
        serial="A",
        mac=None,
        model="ECW230S",
        category="ap",
        registered_at=NOON,
        free_since=NOON,
        free_days=draw(st.sampled_from((0, 90))),
    )
    history = [device]
    moments = sorted(draw(st.lists(instants, min_size=1, max_size=10)))
    for number, at in enumerate(moments):
        match draw(st.sampled_from(("license", "license", "license", "enter", "leave"))):
            case "enter":
                device = device.evolve(network_id="net-1").networked(at)
            case "leave":
                device = device.evolve(network_id=None)
            case _:
                free = _license(number, at, *draw(offers))
                if free.is_over(at):
                    continue
                device = device.plus(Association.of(free, at, networked=device.network_id is not None))
        history.append(device)
    return history


def _license(number: int, at: object, age: int, model: str, burned: int) -> License:
    assert isinstance(at, type(NOON))
    return License(
        org_id=NORTH,
        key_id=f"{'0' * 19}a",
        number=number,
        license_model=model,
        issued_at=at - age * DAY,
        claimed_at=at - age * DAY,
        key_fingerprint="7Q4ZK-…-…-…-*****",
        po_number="PO-1",
        line=1,
        burned_seconds=burned * 86_400,
        released_at=at - DAY if burned and age > 1 else None,
    )


def length(coverage: Coverage) -> timedelta:
    return sum((stretch.until - stretch.since for stretch in coverage["pro"]), timedelta())


@given(histories())
def test_there_are_never_two_pro_stretches_at_once(history: list[Device]) -> None:
    for device in history:
        assert all(one.until <= two.since for one, two in pairwise(coverage_of(device)["pro"]))


@given(histories())
def test_every_license_gives_exactly_what_it_brought(history: list[Device]) -> None:
    device = history[-1]
    brought = sum((each.remaining_term for each in device.associations), device.free_days * DAY)
    assert length(coverage_of(device)) == brought


@given(histories())
def test_an_association_never_makes_a_device_end_earlier(history: list[Device]) -> None:
    for before, after in pairwise(history):
        if len(after.associations) > len(before.associations):
            earlier, later = coverage_of(before).end("pro"), coverage_of(after).end("pro")
            assert later is not None
            assert earlier is None or earlier <= later


@given(histories())
def test_what_happens_later_changes_nothing_that_was(history: list[Device]) -> None:  # D31
    """What was answered at an instant stays true for that instant, whatever is recorded afterwards."""
    for device, after in pairwise(history):
        new = [each.associated_at for each in after.associations[len(device.associations) :]]
        entered = [each.networked_at for each in after.associations if each.networked_at]
        until = min([*new, *(moment for moment in entered if moment not in _networked(device))], default=None)
        if until is None:
            continue
        moment = until - timedelta(seconds=1)
        was, now = coverage_of(device), coverage_of(after)
        assert was.covered(moment) == now.covered(moment)
        for association in device.associations:
            then = was.state(was.stretch_of(association.license_id), moment)
            assert then == now.state(now.stretch_of(association.license_id), moment)


def _networked(device: Device) -> list[object]:
    return [each.networked_at for each in device.associations]


@given(histories())
def test_a_license_never_starts_before_it_is_there_nor_later_than_its_turn(history: list[Device]) -> None:
    coverage = coverage_of(history[-1])
    for before, stretch in pairwise((None, *coverage["pro"])):
        assert stretch is not None
        if (by := stretch.by) is None:
            continue
        assert stretch.since >= by.associated_at
        latest = max(by.associated_at, by.burns_from or by.associated_at)
        assert stretch.since <= max(latest, before.until if before else latest)
