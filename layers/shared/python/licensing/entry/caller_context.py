"""Who is calling, as the authorizer tells the functions: text only, and short, since the gateway takes 8 KB at most.

Grants are written `operator;org_admin=org-north,org-south`; ids have none of these signs in them.
"""

from collections.abc import Iterable, Iterator, Mapping

from licensing.domain.core.quotas import DailyQuota
from licensing.domain.people.access import Caller, Grant, Role

PLAIN = ("subject", "person_id", "email", "token", "maker")


def to_context(caller: Caller) -> dict[str, str]:
    """What is not there is left out."""
    told = {name: value for name in PLAIN if (value := getattr(caller, name))}
    if caller.quota:
        told["quota"] = caller.quota.model_dump_json()
    if caller.needs_mfa:
        told["needs_mfa"] = "true"
    return told | {"grants": _written(caller.grants)}


def from_context(told: Mapping[str, str]) -> Caller:
    return Caller(
        **{name: told[name] for name in PLAIN if name in told},
        grants=tuple(_read(told["grants"])),
        quota=DailyQuota.model_validate_json(told["quota"]) if "quota" in told else None,
        needs_mfa="needs_mfa" in told,
    )


def _written(grants: Iterable[Grant]) -> str:
    tenants: dict[Role, list[str]] = {}
    for grant in grants:
        tenants.setdefault(grant.role, []).extend([grant.tenant] if grant.tenant else [])
    return ";".join("=".join([role, *([",".join(ids)] if ids else [])]) for role, ids in tenants.items())


def _read(text: str) -> Iterator[Grant]:
    for part in filter(None, text.split(";")):
        role, _, ids = part.partition("=")
        yield from (Grant.of(role, tenant) for tenant in ids.split(","))
