"""What an MSP portal says of its keys follows from them (D15)."""

from collections.abc import Iterator

from licensing.domain.licenses.msp_portals import Extension, MspPortal
from licensing.domain.reconciliation.violations import TableSnapshot, Violation

PROMISE = "a portal is valid as was paid"


def portal_findings(census: TableSnapshot) -> Iterator[Violation]:
    """Its keys are numbered without a gap, and each took up the run that the one before had left."""
    made = sorted(census.all(Extension), key=lambda each: each.number)
    for portal in census.all(MspPortal):
        own = [each for each in made if each.msp_id == portal.msp_id]
        paid = [*portal.extensions, *own]
        runs = [(None, 0), *((each.run_from, each.run_days) for each in paid)]
        before = [(each.previous_from, each.previous_days) for each in paid]
        numbered = [each.number for each in own] == list(range(len(portal.extensions) + 1, portal.keys + 1))
        if not numbered or [*before, (portal.run_from, portal.run_days)] != runs:
            yield Violation(str(portal.ref), PROMISE, f"Its {len(paid)} keys tell otherwise.")
