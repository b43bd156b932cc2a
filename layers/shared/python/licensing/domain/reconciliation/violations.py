"""What the reconciler finds: a promise that the records do not keep."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from msgspec import Struct

from licensing.domain.core.records import Record

R = TypeVar("R", bound=Record)


class Violation(Struct, frozen=True):
    """`item` is the record's reference (`key/3f9a…`), `detail` a plain sentence without any secret."""

    item: str
    promise: str
    detail: str


class TableSnapshot:
    """All records there are, by kind. `twice`: those found under a reference that another has too, which only data
    from before the canonical forms (D45) can have."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._by_kind: dict[str, dict[str, Record]] = {}
        self.twice: list[Record] = []
        for record in records:
            of_kind, ref = self._by_kind.setdefault(record.kind, {}), str(record.ref)
            if ref in of_kind:
                self.twice.append(record)
            of_kind[ref] = record

    def all(self, of: type[R]) -> Iterator[R]:
        return (record for record in self._by_kind.get(of.kind, {}).values() if isinstance(record, of))

    def __getitem__(self, ref: str) -> Record | None:
        return self._by_kind.get(ref.partition("/")[0], {}).get(ref)

    def __iter__(self) -> Iterator[Record]:
        return (record for of_kind in self._by_kind.values() for record in of_kind.values())


def not_as_written_today(record: Record) -> Violation:
    """An index would not find it where it should: a rule whose result is indexed has changed since it was written."""
    return Violation(
        str(record.ref), "indexes say what the code gives", "An earlier release wrote it otherwise: reindex."
    )
