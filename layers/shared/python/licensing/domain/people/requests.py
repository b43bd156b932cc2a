"""What operators and makers of API tokens send."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from licensing.domain.core.instants import Instant
from licensing.domain.core.limits import MAX_GRANTS, MAX_QUANTITY
from licensing.domain.core.records import Value
from licensing.domain.core.texts import TENANT_ID, Email, Name, TenantId, TimeZone
from licensing.domain.people.access import Grant

TokenId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
TokenName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


def _for_a_tenant(grant: Grant) -> Grant:
    """A grant as it is asked for. What is stored isn't checked again: it must stay readable whatever it says."""
    if grant.tenant is not None and not TENANT_ID.fullmatch(grant.tenant):
        raise PydanticCustomError("tenant", "names what is no tenant's id; those look like org-north")
    return grant


GrantRequest = Annotated[Grant, AfterValidator(_for_a_tenant)]


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
    grants: Annotated[tuple[GrantRequest, ...], Field(min_length=1, max_length=50)]
    expires_at: Instant
    licenses_per_day: Annotated[int, Field(strict=True, ge=0, le=100 * MAX_QUANTITY)]


class PersonRequest(Value):
    """The body of PUT /people/{email}."""

    grants: Annotated[tuple[GrantRequest, ...], Field(max_length=MAX_GRANTS)]


class RemovalQuery(Value):
    """The query of DELETE /people/{email}. `erase`: the address too, from everywhere (D44)."""

    erase: bool = False
