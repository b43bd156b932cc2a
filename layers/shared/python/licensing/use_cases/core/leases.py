"""Doing something alone: what can't be done twice without harm, and has no condition to be written under."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from licensing.domain.core.decisions import Change, Decision, decide
from licensing.domain.core.leases import Lease, taken
from licensing.domain.core.records import Value
from licensing.ports import MailDelayed, MailInDoubt, Store
from licensing.use_cases.core.command import known, run_command
from licensing.use_cases.core.context import Context
from licensing.use_cases.core.reading import Reading


@contextmanager
def leased(store: Store, context: Context, about: str, lasts: timedelta) -> Iterator[None]:
    """Inside, nobody else is busy with `about`; what is read inside is what the last one left.

    Given back when all went well, or when no mail was taken. After any other fault it runs out by itself: whoever comes
    sooner could do again what was done, and not recorded. Raises `conflict` while another worker has it.
    """
    lease: Lease | None = None

    def load(reading: Reading) -> Lease | None:
        return reading.one(Lease.ref_of(about))

    def begun(current: Lease | None) -> Decision[Value]:
        nonlocal lease
        lease = taken(current, about, context.now, lasts)
        return _kept(current, lease)

    def ended(current: Lease | None) -> Decision[Value]:
        return _kept(current, None) if current == mine else Decision(Value())

    # There is none as a rule, so it is not looked for before another one is in the way.
    run_command(store, context, known(None, load), begun)
    assert lease is not None, "whoever was not refused has it"
    mine: Lease | None = lease.evolve(version=lease.version + 1)
    try:
        yield
    except MailInDoubt:
        raise
    except MailDelayed:
        # Nothing was done, so nothing can be done twice: whoever tries again need not wait for the lease.
        run_command(store, context, known(mine, load), ended)
        raise
    run_command(store, context, known(mine, load), ended)


def _kept(before: Lease | None, after: Lease | None) -> Decision[Value]:
    return decide(Value(), None, "", [Change(before, after)])
