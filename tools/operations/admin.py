"""`make admin EMAIL=…`: makes the first operator of a stack, who makes everybody else through the API."""

from datetime import UTC, datetime

from licensing.adapters.aws import client
from licensing.adapters.directory import CognitoDirectory
from licensing.domain.people.access import Grant
from licensing.domain.people.addresses import fresh_id
from licensing.domain.people.views import PersonView
from licensing.use_cases.core.context import Context
from licensing.use_cases.people.find_people import person_at
from licensing.use_cases.people.keep_people import put_person
from tools.operations.target import arguments, target

OPERATOR = Grant(role="operator")


def main() -> None:
    chosen = arguments(__doc__, "email")
    stack = target(chosen.stack)
    email = chosen.email.lower()
    known = person_at(stack.store, email)
    grants = tuple(dict.fromkeys((*(known.grants if known else ()), OPERATOR)))
    wanted = PersonView.model_validate({"email": email, "grants": grants})
    # The ledger names who holds the credentials: nobody has signed in yet. By AWS's id of the role or user: an ARN ends
    # with the session's name, which many make of an address, and a ledger is never rewritten (D44).
    holder = client("sts").get_caller_identity()["UserId"].partition(":")[0]
    context = Context(f"make admin ({holder})", datetime.now(UTC))
    put_person(stack.store, CognitoDirectory(stack.outputs["UserPoolId"]), context, wanted, fresh_id())
    print(f"{email} is an operator of {stack.name}. A new sign-in gets its first password by mail.")


if __name__ == "__main__":
    main()
