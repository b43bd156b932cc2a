"""People and API tokens as the API shows them."""

from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Value
from licensing.domain.core.texts import SignInEmail
from licensing.domain.people.access import Grant, Person
from licensing.domain.people.api_tokens import ApiToken


class TokenView(Value):
    """`made_by` is the maker's address."""

    token_id: str
    name: str
    made_by: str
    grants: tuple[Grant, ...]
    licenses_per_day: int
    made_at: Instant
    expires_at: Instant

    @classmethod
    def of(cls, token: ApiToken, made_by: str) -> "TokenView":
        return cls.model_validate(token.model_dump(include=set(TokenView.model_fields)) | {"made_by": made_by})


class MadeTokenView(TokenView):
    """The one answer that shows the token itself; a dry run makes none, and shows none."""

    token: str | None = None


class MeView(Value):
    """`needs_mfa`: an operator's grant is withheld until the sign-in has a second factor."""

    subject: str
    email: str | None
    grants: tuple[Grant, ...]
    needs_mfa: bool


class SignOutView(Value):
    signed_out_at: Instant


class PersonView(Value):
    """A person as the API shows and takes it; people sign in whatever the case of their address."""

    email: SignInEmail
    grants: tuple[Grant, ...]

    @classmethod
    def of(cls, person: Person, email: str) -> "PersonView":
        return cls(email=email, grants=person.grants)
