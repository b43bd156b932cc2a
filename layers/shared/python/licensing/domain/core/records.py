"""What the table remembers: records with a version, and references to them. Facts only; states are computed (D31).

What is stored outlives a release, so it can change its shape: a stored class has a shape number, the count of its
changes so far plus one, and for each change a function that takes facts of the shape before to the next.
`docs/upgrading.md` tells which change takes what.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, Generic, Self, TypeVar, cast

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field


class Value(BaseModel):
    """An immutable part of a record, a request or an answer; unknown fields are refused."""

    # Validators are built when a class is first used: a process that starts needs only a few of them. What broke says
    # nothing of what it was given: that would stand in the log, keys and addresses too (D8, D44).
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True)


Image = dict[str, Any]
Lift = Callable[[Image], Image]


class Stored(Value):
    """What is kept: a record, or what a command that broke off had answered so far.

    The n-th of `lifts` takes facts of shape n to shape n + 1: all of them, or some, since the ledger keeps differences
    only. Facts that the class no longer knows are ignored in what is stored, whatever requests refuse. `kind` is its
    name in what is stored, whatever the class is called.
    """

    kind: ClassVar[str]
    lifts: ClassVar[tuple[Lift, ...]] = ()

    @classmethod
    def shape(cls) -> int:
        """In which shape it is stored today."""
        return 1 + len(cls.lifts)

    @classmethod
    def lifted(cls, told: Image, shape: int) -> Image:
        """Facts of a shape of then, all or some of them, in that of today."""
        for lift in cls.lifts[shape - 1 :]:
            told = lift(told)
        return {name: value for name, value in told.items() if name in cls.model_fields}

    @classmethod
    def defaults(cls) -> Image:
        """The facts that hold where nothing else is said."""
        return cls.model_construct().model_dump(mode="json", exclude_none=True, warnings=False)

    @classmethod
    def restored(cls, text: str, shape: int = 1) -> Self:
        """What was stored as this JSON, in this shape."""
        if shape < cls.shape():
            text = json.dumps(cls.lifted(json.loads(text), shape))
        return cls.model_validate_json(text, extra="ignore")


class Record(Stored):
    """One thing the table remembers. `version` counts its writes; 0 means it was never written. `told_in` is the entry
    of its owner's ledger that tells of the last one; None for what no ledger tells of, and what release 1 wrote last.
    """

    # No facts, so in no image: every write changes them, and the ledger and plans tell them beside the facts.
    version: int = Field(default=0, exclude=True)
    told_in: str | None = Field(default=None, exclude=True)

    @property
    def ref(self) -> "Ref[Self]":
        """Where the record is found."""
        raise NotImplementedError(f"{type(self).__name__} has no ref")

    @property
    def owner(self) -> str | None:
        """Whose ledger tells of its changes (`org/org-north`); None for bookkeeping no ledger tells of (D33)."""
        return None

    def evolve(self, **facts: Any) -> Self:
        """The same record with other facts."""
        return type(self).model_validate(self.__dict__ | facts)


R = TypeVar("R", bound=Record)
R_co = TypeVar("R_co", bound=Record, covariant=True)


class Ref(Struct, Generic[R_co], frozen=True):
    """Names one record: its class and the ids that make it unique, outermost first."""

    of: type[R_co]
    ids: tuple[str, ...]

    def __str__(self) -> str:
        return "/".join((self.of.kind, *self.ids))


class RecordSet:
    """Records that were read together, found again by reference."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._records: dict[Ref[Any], Record] = {record.ref: record for record in records}

    def __getitem__(self, ref: Ref[R]) -> R | None:
        return cast(R | None, self._records.get(ref))

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def present(self, refs: Iterable[Ref[R]]) -> list[R]:
        """Those of `refs` that exist, in the order asked for."""
        return [record for ref in refs if (record := self[ref]) is not None]
