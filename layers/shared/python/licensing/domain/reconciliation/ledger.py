"""The promise of the ledger: it tells of every version of every record, and replaying it gives the record (D33)."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field

from licensing.domain.assigning.devices import Device
from licensing.domain.core import actions
from licensing.domain.core.ledger import Difference, Entry, image_of
from licensing.domain.core.records import Image, Record
from licensing.domain.licenses.licenses import License, license_id_of
from licensing.domain.reconciliation.violations import TableSnapshot, Violation

PROMISE = "the ledger tells of every change"
# Those that let go of the licences of a device that was parked for too long (D27).
LOSING = frozenset({actions.DEVICES_REGISTERED.name, actions.DEVICES_MOVED.name})


class RecordHistory(Struct):
    """All that the ledgers tell of one record."""

    parts: list[tuple[str, Difference, str]] = field(default_factory=list)

    def add(self, entry: Entry, difference: Difference) -> None:
        self.parts.append((entry.entry_id, difference, entry.action))

    def in_order(self) -> Iterator[tuple[Difference, str]]:
        """By version, and each life of a record that went and came again after the one before.

        Versions, not times: of two commands that raced, the one that began first may have committed last.
        """
        left = sorted(self.parts, key=lambda part: (part[0], part[1].version))
        version = 0
        while left:
            number = next((n for n, part in enumerate(left) if part[1].version == version + 1), 0)
            _, difference, action = left.pop(number)
            yield difference, action
            version = difference.version if difference.after is not None else 0


Stories = Mapping[str, RecordHistory]


def stories(entries: Iterable[Entry]) -> dict[str, RecordHistory]:
    found: dict[str, RecordHistory] = {}
    for entry in entries:
        for difference in entry.changes:
            found.setdefault(difference.record, RecordHistory()).add(entry, difference)
    return found


def ledger_findings(census: TableSnapshot, known: Stories) -> Iterator[Violation]:
    for record in census:
        if record.owner is not None and str(record.ref) not in known:
            yield Violation(str(record.ref), PROMISE, "No ledger tells of it.")
    for ref, story in known.items():
        yield from _replayed(ref, [difference for difference, _ in story.in_order()], census)


def passed_findings(ref: str, story: RecordHistory, record: Record | None) -> Iterator[Violation]:
    """Of a record that has come from another owner, whose ledger tells what was before: the one change told here is
    its last."""
    (difference, _), *others = story.in_order()
    image = image_of(record) or {}
    is_last = record is not None and record.version == difference.version and not others
    if not is_last or any(image.get(name) != value for name, value in (difference.after or {}).items()):
        yield Violation(ref, PROMISE, f"The ledger ends with version {difference.version}, or other facts.")


def lost_licenses(known: Stories) -> set[str]:
    """The ids of licences whose story ends with a device that was parked for too long."""
    lost = set()
    for ref, story in known.items():
        kind, *ids = ref.split("/")
        if kind == License.kind:
            *_, (last, action) = story.in_order()
            if last.after is None and action in LOSING:
                lost.add(license_id_of(ids[1], int(ids[2])))
    return lost


def _replayed(ref: str, differences: Sequence[Difference], census: TableSnapshot) -> Iterator[Violation]:
    facts: Image | None = None
    version = 0
    for difference in differences:
        fits = difference.version == version + 1 and (facts is None) == (difference.before is None)
        # Told before by one release and after by the next, it is not the same text.
        known = (facts or {}, _as_known_today(ref, facts) or {})
        if not fits or not any(map(difference.follows, known)):
            yield Violation(ref, PROMISE, f"What is told of version {difference.version} does not follow {version}.")
            return
        facts = difference.applied(facts)
        version = difference.version if facts is not None else 0
    record = census[ref]
    if (image_of(record), record.version if record else 0) != (_as_known_today(ref, facts), version):
        there = f"version {record.version}" if record else "nothing"
        yield Violation(ref, PROMISE, f"The ledger ends with version {version}; there is {there}, or other facts.")


def _as_known_today(ref: str, facts: Image | None) -> Image | None:
    """With what the parts of a device, as an earlier release told them, know by default since."""
    if facts is None or not ref.startswith(f"{Device.kind}/"):
        return facts
    return image_of(Device.restored(json.dumps(facts), Device.shape()))
