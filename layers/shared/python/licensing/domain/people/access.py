"""Who may do what: people hold grants, each of one role for one tenant (docs/rules.md, Who is calling)."""

from typing import ClassVar, Literal, Self

from pydantic import model_serializer, model_validator

from licensing.domain.core.errors import Refusal, not_found
from licensing.domain.core.quotas import DailyQuota
from licensing.domain.core.records import Record, Ref, Value
from licensing.domain.people.addresses import mention

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

    @classmethod
    def of(cls, role: str, tenant: str | None) -> Self:
        """`role` for the tenant of that id, None for an operator's."""
        named = {TENANT_OF[role]: tenant} if tenant else {}  # type: ignore[index]
        return cls.model_validate({"role": role, **named})

    @model_serializer
    def only_what_is_named(self) -> dict[str, str]:
        # Grants go with each request in the authorizer's answer, of which the gateway takes 8 KB.
        return {name: value for name, value in self.__dict__.items() if value is not None}

    @property
    def is_operator(self) -> bool:
        return self.role == "operator"

    @property
    def tenant(self) -> str | None:
        """The id of the tenant it is for."""
        return self.partner_id or self.org_id or self.msp_id

    @property
    def owner(self) -> str:
        """The tenant as ledgers name it: `org/org-north`; `service` of an operator's."""
        kind = TENANT_OF[self.role]
        return f"{kind.removesuffix('_id')}/{self.tenant}" if kind else "service"

    @property
    def text(self) -> str:
        """`org_admin of org-north`."""
        return f"{self.role} of {self.tenant}" if self.tenant else self.role


class Caller(Value):
    """Who sent the request, as the authorizer asserts: a person, or an API client with a token.

    `subject` is the `sub` of a person's sign-in, or `token/<id>`; `maker` is the sign-in whose token it is. `person_id`
    is that of whoever the grants are, None for somebody who was granted nothing. `needs_mfa`: the operator's grant is
    withheld until the sign-in has a second factor. `email` is what the ID token says, and is kept nowhere (D44).
    """

    subject: str
    person_id: str | None = None
    email: str | None = None
    grants: tuple[Grant, ...] = ()
    token: str | None = None
    maker: str | None = None
    quota: DailyQuota | None = None
    needs_mfa: bool = False

    @property
    def actor(self) -> str:
        """Who it is in the ledger: `person/4f3a…`, or `token:erp-acme (person/4f3a…)`; by address for nobody (D44)."""
        return self.token or (mention(self.person_id) if self.person_id else self.subject)

    @property
    def unnamed(self) -> "Caller":
        """As it may be kept: without the address (D44)."""
        return self.model_copy(update={"email": None})

    @property
    def person(self) -> str:
        """The sign-in that answers for the call: for a token its maker's."""
        return self.maker or self.subject

    @property
    def is_operator(self) -> bool:
        return any(grant.is_operator for grant in self.grants)

    def tenants(self, *roles: Role) -> set[str]:
        """The ids of the tenants for which the caller holds one of `roles`."""
        return {grant.tenant for grant in self.grants if grant.role in roles and grant.tenant}

    def is_partner(self, partner_id: str) -> bool:
        return partner_id in self.tenants("partner")


class Person(Record):
    """What was granted to the holder of an address: to the sign-in `subject` (its `sub`), and to no later one.

    `subject` is None between the grant and the making of the sign-in, and for people stored by an earlier release. The
    address itself is in a `PersonAddress` (D44).
    """

    kind: ClassVar[str] = "person"
    person_id: str
    grants: tuple[Grant, ...]
    subject: str | None = None

    @property
    def ref(self) -> Ref["Person"]:
        return Person.ref_of(self.person_id)

    @staticmethod
    def ref_of(person_id: str) -> Ref["Person"]:
        return Ref(Person, (person_id,))

    @property
    def owner(self) -> str:
        return mention(self.person_id)

    def held_by(self, subject: str | None) -> tuple[Grant, ...]:
        """The grants, for the sign-in they are bound to."""
        return self.grants if subject and self.subject == subject else ()


def forbidden(detail: str) -> Refusal:
    return Refusal("forbidden", detail, "Ask an operator for the grant, or sign in as somebody who has it.")


def wants_mfa() -> Refusal:
    """Why an operator without a second factor is refused."""
    return Refusal(
        "forbidden",
        "An operator's grant counts only for a sign-in with a second factor (MFA).",
        "Set up the second factor in the portal, and sign in again.",
    )


def require_operator(caller: Caller) -> None:
    """Raises `forbidden` unless the caller is an operator."""
    if not caller.is_operator:
        raise forbidden("Only an operator may do this.")


def require_person(caller: Caller) -> None:
    """Raises `forbidden` for an API token, whatever its grants: it neither makes rights nor takes them."""
    if caller.token:
        raise Refusal("forbidden", "An API token may not do this, whatever its grants.", "Sign in as a person.")


def require_partner(caller: Caller, partner_id: str, what: str) -> None:
    """The operator and the partner itself pass; to everybody else `what` does not exist."""
    if not (caller.is_operator or caller.is_partner(partner_id)):
        raise not_found(what)
