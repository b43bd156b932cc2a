"""Who may do what: people hold grants; a grant names one role and the tenant it is for (contract: Who is calling)."""

from typing import ClassVar, Literal, Self

from pydantic import model_serializer, model_validator

from licensing.domain.core.errors import Refusal, not_found
from licensing.domain.core.quotas import Allowance
from licensing.domain.core.records import Record, Ref, Value

Role = Literal["operator", "partner", "org_admin", "org_viewer", "msp_admin", "msp_viewer"]
Tenant = Literal["partner_id", "org_id", "msp_id"]

TENANT_OF: dict[Role, Tenant | None] = {
    "operator": None,
    "partner": "partner_id",
    "org_admin": "org_id",
    "org_viewer": "org_id",
    "msp_admin": "msp_id",
    "msp_viewer": "msp_id",
}


class Grant(Value):
    """A role, and the one tenant it is for; an operator's is for all."""

    role: Role
    partner_id: str | None = None
    org_id: str | None = None
    msp_id: str | None = None

    @model_validator(mode="after")
    def names_its_tenant(self) -> Self:
        wanted = TENANT_OF[self.role]
        given = {name for name in ("partner_id", "org_id", "msp_id") if getattr(self, name) is not None}
        if given != ({wanted} if wanted else set()):
            raise ValueError(f"a grant of {self.role} names {wanted or 'no tenant'} and nothing else")
        return self

    @model_serializer
    def only_what_is_named(self) -> dict[str, str]:
        return {name: value for name, value in self.__dict__.items() if value is not None}

    @property
    def tenant(self) -> str | None:
        """The id of the tenant it is for."""
        return self.partner_id or self.org_id or self.msp_id

    @property
    def text(self) -> str:
        """`org_admin of org-north`."""
        return f"{self.role} of {self.tenant}" if self.tenant else self.role


class Caller(Value):
    """Who sent the request, as the authorizer vouches for: a person, or a machine with an API token."""

    subject: str
    email: str | None = None
    grants: tuple[Grant, ...] = ()
    token: str | None = None
    allowance: Allowance | None = None

    @property
    def actor(self) -> str:
        """Who it is in the ledger: an address, or `token:erp-acme (ada@acme.example)`."""
        return self.token or self.email or self.subject

    @property
    def is_operator(self) -> bool:
        return any(grant.role == "operator" for grant in self.grants)

    def tenants(self, *roles: Role) -> set[str]:
        """The ids of the tenants for which the caller holds one of `roles`."""
        return {grant.tenant for grant in self.grants if grant.role in roles and grant.tenant}

    def is_partner(self, partner_id: str) -> bool:
        return partner_id in self.tenants("partner")


class Person(Record):
    """Somebody who can sign in, and what they were granted."""

    kind: ClassVar[str] = "person"
    email: str
    grants: tuple[Grant, ...]

    @property
    def ref(self) -> Ref["Person"]:
        return Person.named(self.email)

    @staticmethod
    def named(email: str) -> Ref["Person"]:
        return Ref(Person, (email,))

    @property
    def owner(self) -> str:
        return f"person/{self.email}"


def forbidden(detail: str) -> Refusal:
    return Refusal("forbidden", detail, "Ask an operator for the grant, or sign in as somebody who has it.")


def require_operator(caller: Caller) -> None:
    """Raises `forbidden` unless the caller is an operator."""
    if not caller.is_operator:
        raise forbidden("Only an operator may do this.")


def require_person(caller: Caller) -> None:
    """Raises `forbidden` for an API token: it neither makes tokens nor revokes them."""
    if caller.token:
        raise Refusal("forbidden", "An API token may not manage API tokens.", "Sign in as a person to do this.")


def require_partner(caller: Caller, partner_id: str, what: str) -> None:
    """The operator and the partner itself pass; to everybody else `what` does not exist."""
    if not (caller.is_operator or caller.is_partner(partner_id)):
        raise not_found(what)
