"""How much a body may hold, found out before its parts are read: a refusal costs no more than what is refused."""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from annotated_types import Le, MaxLen
from msgspec import Struct
from pydantic_core import from_json

from licensing.domain.core.at_once import AtOnce
from licensing.domain.core.errors import Fault, invalid
from licensing.domain.core.limits import MAX_FIELDS, MAX_JOB_FIELDS
from licensing.domain.core.records import Value


class Bound(Struct, frozen=True):
    """The most that a field takes: at once, and as a job."""

    at_once: int
    as_job: int


def require_bounds(body: bytes, wanted: type[Value], *, as_job: bool = False) -> None:
    """Raises `invalid_request` for a list with more entries than its field takes, for a number that takes a job, and
    for a flood of fields."""
    try:
        read = from_json(body)
    except ValueError:
        return  # what is wrong with it is told by whoever reads it as `wanted`
    if not isinstance(read, dict):
        return
    # Before pydantic, which tells every fault of every entry: 1 MB of empty objects took 10 s and gave 77 MB.
    if faults := [*_too_many(read, bounds_of(wanted), as_job=as_job)]:
        raise invalid(*faults)
    most = MAX_JOB_FIELDS if as_job else MAX_FIELDS
    if (fields := _fields(read)) > most:
        raise invalid(Fault("body", f"must have at most {most} fields, and has {fields}"))


def _too_many(read: dict[str, Any], bounds: dict[str, Bound], *, as_job: bool) -> Iterator[Fault]:
    for name, bound in bounds.items():
        given = read.get(name)
        most = bound.as_job if as_job else bound.at_once
        more = f"; a job takes {bound.as_job} (Prefer: respond-async)" if most < bound.as_job else ""
        if isinstance(given, list) and len(given) > most:
            yield Fault(name, f"must have at most {most} entries, and has {len(given)}{more}")
        # A number beyond what even a job takes is told by pydantic.
        elif isinstance(given, int) and most < given <= bound.as_job:
            yield Fault(name, f"must be at most {most}{more}")


@cache
def bounds_of(wanted: type[Value]) -> dict[str, Bound]:
    """The bound of each list of the body, and of each number that a job takes more of."""
    fields = wanted.model_fields.items()
    found = {name: _bound(list(_marks([field.annotation, *field.metadata]))) for name, field in fields}
    return {name: bound for name, bound in found.items() if bound is not None}


def _bound(marks: list[Any]) -> Bound | None:
    marked = next((mark.most for mark in marks if isinstance(mark, AtOnce)), None)
    own = next((mark.max_length for mark in marks if isinstance(mark, MaxLen)), None)
    if own is None and marked is not None:
        own = next(int(str(mark.le)) for mark in marks if isinstance(mark, Le))
    return None if own is None else Bound(own if marked is None else marked, own)


def _marks(parts: Any) -> Iterator[Any]:
    """From a type's parts: `X | None`, `Annotated[X, Field(max_length=…)]`, and what a Field was made of."""
    for part in parts:
        if isinstance(part, AtOnce | MaxLen | Le):
            yield part
        yield from _marks(getattr(part, "metadata", ()) or get_args(part))


def _fields(read: Any) -> int:
    if isinstance(read, dict):
        return len(read) + sum(map(_fields, read.values()))
    return sum(map(_fields, read)) if isinstance(read, list) else 0
