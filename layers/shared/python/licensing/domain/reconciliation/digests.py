"""The promise of an org's digest: it counts what the org has, as its ledger led to it (D31)."""

from collections.abc import Iterable, Iterator, Sequence

from licensing.domain.core.ledger import Entry
from licensing.domain.core.records import Record
from licensing.domain.inventory.contributions import contribution
from licensing.domain.inventory.counts import Counts, total
from licensing.domain.inventory.digests import OrgDigest
from licensing.domain.inventory.told import as_before
from licensing.domain.reconciliation.violations import Violation


def digest_findings(
    digest: OrgDigest, kept: Counts, records: Sequence[Record], since: Iterable[Entry]
) -> Iterator[Violation]:
    """`kept` are its counts to the second; `since` the ledger from its `settled` on, newest first, read after the
    records, which were read after the digest."""
    there = total(map(contribution, as_before(records, [entry for entry in since if digest.lacks(entry)])))
    kinds = {*kept.numbers, *there.numbers}
    if wrong := sorted(kind for kind in kinds if dict(kept.of(kind)) != dict(there.of(kind))):
        detail = f"It counts {', '.join(wrong[:3])} otherwise than the records: count it anew."
        yield Violation(str(digest.ref), "digests count what there is", detail)
