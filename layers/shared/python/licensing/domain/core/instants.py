"""Instants: aware UTC, whole seconds. Licensing is exact to the second (D20, D21), so nothing finer is kept."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AwareDatetime, PlainSerializer, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

DAY = timedelta(days=1)
# Far enough from the calendar's ends for every sum of terms and days that is asked for.
YEARS = range(1970, 3000)


def whole_second(moment: datetime) -> datetime:
    """The UTC second in which `moment` lies."""
    if moment.tzinfo is UTC and moment.microsecond == 0:
        return moment
    # Down: as of a second all that was decided in it is told (D31), so nothing may be dated into the next.
    return moment.astimezone(UTC).replace(microsecond=0)


def to_text(moment: datetime) -> str:
    """`2026-11-24T06:09:43Z`; sorts as text in the order of time."""
    return whole_second(moment).isoformat()[: -len("+00:00")] + "Z"


def from_text(text: str) -> datetime:
    """The instant `to_text` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _read(value: Any, parse: ValidatorFunctionWrapHandler) -> datetime:
    """Pydantic would take numbers, in text too, for seconds since 1970: here an instant is written out."""
    if not (isinstance(value, datetime) or (isinstance(value, str) and value[4:5] == "-")):
        raise PydanticCustomError("instant", "must be an instant in UTC, such as 2026-11-24T09:00:00Z")
    moment: datetime = parse(value)
    if moment.year not in YEARS:
        raise PydanticCustomError("far_off", "must lie in the years 1970 to 2999")
    return whole_second(moment)


Instant = Annotated[AwareDatetime, WrapValidator(_read), PlainSerializer(to_text, when_used="json")]
