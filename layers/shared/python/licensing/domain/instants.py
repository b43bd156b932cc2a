"""Instants: aware UTC, whole seconds. Licensing is exact to the second (D20, D21), so nothing finer is kept."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, PlainSerializer

DAY = timedelta(days=1)


def whole_second(moment: datetime) -> datetime:
    """The UTC second in which `moment` lies."""
    if moment.tzinfo is UTC and moment.microsecond == 0:
        return moment
    return moment.astimezone(UTC).replace(microsecond=0)


def to_text(moment: datetime) -> str:
    """`2026-11-24T06:09:43Z`; sorts as text in the order of time."""
    return whole_second(moment).isoformat()[: -len("+00:00")] + "Z"


def from_text(text: str) -> datetime:
    """The instant `to_text` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


Instant = Annotated[AwareDatetime, AfterValidator(whole_second), PlainSerializer(to_text, when_used="json")]
