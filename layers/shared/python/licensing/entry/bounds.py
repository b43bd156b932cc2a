"""How much a body may hold, found out before its parts are read: a refusal costs no more than what is refused."""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from annotated_types import MaxLen
from pydantic_core import from_json

from licensing.domain.core.errors import Fault, invalid
from licensing.domain.core.limits import MAX_FIELDS
from licensing.domain.core.records import Value


def require_bounds(body: bytes, wanted: type[Value]) -> None:
    """Raises `invalid_request` for a list with more entries than its field takes, and for a flood of fields."""
    try:
        read = from_json(body)
    except ValueError:
        return  # what is wrong with it is told by whoever reads it as `wanted`
    if not isinstance(read, dict):
        return
    lists = {name: read[name] for name in list_bounds(wanted) if isinstance(read.get(name), list)}
    most = list_bounds(wanted)
    # Before pydantic, which tells every fault of every entry: 1 MB of empty objects took 10 s and gave 77 MB.
    if too_long := {name: len(each) for name, each in lists.items() if len(each) > most[name]}:
        said = "must have at most {} entries, and has {}"
        raise invalid(*(Fault(name, said.format(most[name], length)) for name, length in too_long.items()))
    if (fields := _fields(read)) > MAX_FIELDS:
        raise invalid(Fault("body", f"must have at most {MAX_FIELDS} fields, and has {fields}"))


@cache
def list_bounds(wanted: type[Value]) -> dict[str, int]:
    """How many entries each list of the body may have."""
    fields = wanted.model_fields.items()
    found = {name: next(_bounds([field.annotation, *field.metadata]), None) for name, field in fields}
    return {name: most for name, most in found.items() if most is not None}


def _bounds(parts: Any) -> Iterator[int]:
    """From a type's parts: `X | None`, `Annotated[X, Field(max_length=…)]`, and what a Field was made of."""
    for part in parts:
        if isinstance(part, MaxLen):
            yield part.max_length
        yield from _bounds(getattr(part, "metadata", ()) or get_args(part))


def _fields(read: Any) -> int:
    if isinstance(read, dict):
        return len(read) + sum(map(_fields, read.values()))
    return sum(map(_fields, read)) if isinstance(read, list) else 0
