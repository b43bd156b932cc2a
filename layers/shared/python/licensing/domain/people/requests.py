"""What operators and makers of API tokens send."""

from typing import Annotated

from pydantic import Field, StringConstraints

from licensing.domain.core.instants import Instant
from licensing.domain.core.limits import MAX_GRANTS, MAX_QUANTITY
from licensing.domain.core.records import Value
from licensing.domain.core.texts import Email, Name, TenantId, TimeZone
from licensing.domain.people.access import Grant

TokenId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
TokenName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class TenantRequest(Value):
    """The body of PUT /msps/{id} and PUT /partners/{id}."""

    name: Name
    contact_email: Email | None = None


class OrgRequest(Value):
    """The body of PUT /orgs/{id}."""

    name: Name
    time_zone: TimeZone = "UTC"
    msp_id: TenantId | None = None


class TokenRequest(Value):
    """The body of POST /api-tokens."""

    name: TokenName
    grants: Annotated[tuple[Grant, ...], Field(min_length=1, max_length=50)]
    expires_at: Instant
    licenses_per_day: Annotated[int, Field(strict=True, ge=0, le=100 * MAX_QUANTITY)]


class PersonRequest(Value):
    """The body of PUT /people/{email}."""

    grants: Annotated[tuple[Grant, ...], Field(max_length=MAX_GRANTS)]
