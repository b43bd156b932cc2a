"""What an API Gateway event says: who calls, what is asked, and how it shall be carried out."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import unquote

from pydantic import ValidationError

from licensing.domain.core.errors import Fault, Refusal, invalid
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.core.limits import MAX_BODY, MAX_IDEMPOTENCY_KEY, MAX_JOB_BODY
from licensing.domain.core.records import Value
from licensing.domain.people.access import Caller
from licensing.entry.bounds import require_bounds
from licensing.entry.caller_context import from_context
from licensing.entry.problems import HttpRefusal, bad_input, named
from licensing.use_cases.core.context import Context

Event = Mapping[str, Any]
V = TypeVar("V", bound=Value)

# A gateway puts it where it could not read the bytes; nobody means to write it.
REPLACED = "\N{REPLACEMENT CHARACTER}"
COMMANDS = {"POST", "PUT", "DELETE"}
# What steers a command and is no part of what it asks for.
STEERING = {"dry_run", "plan"}


def caller_of(event: Event) -> Caller:
    """Who the authorizer says is calling. Raises `unauthenticated` when it says nothing."""
    asserted = event.get("requestContext", {}).get("authorizer") or {}
    if not asserted.get("subject"):
        raise Refusal("unauthenticated", "The request has no valid token.", "Sign in and send the token as a Bearer.")
    return from_context(asserted)


def path_of(event: Event) -> dict[str, str]:
    return {name: unquote(value) for name, value in (event.get("pathParameters") or {}).items()}


def query_of(event: Event) -> dict[str, str]:
    """Raises `invalid_request` for a parameter given twice: of two values one gateway takes the first, another the
    last."""
    given = event.get("multiValueQueryStringParameters") or {}
    if twice := [Fault(named(name), "is given more than once") for name, values in given.items() if len(values) > 1]:
        raise invalid(*twice)
    return {name: value for name, value in (event.get("queryStringParameters") or {}).items() if value is not None}


def context_of(event: Event, caller: Caller, moment: datetime, seconds: float, asks: type[Value]) -> Context:
    """How a command shall be carried out. Raises `invalid_request` for parameters that steer nothing and that the
    command doesn't ask for."""
    # The parameters of a GET are what it asks for: they are checked as such (`asked_of`).
    if event["httpMethod"] not in COMMANDS:
        return Context(caller.actor, moment)
    query = query_of(event)
    known = STEERING | asks.model_fields.keys()
    if strange := [Fault(named(name), "is no parameter of this call") for name in query if name not in known]:
        raise invalid(*strange)
    return Context(
        caller.actor,
        moment,
        idempotency_key=_reply_key(event, caller, query),
        dry_run=_flag(query, "dry_run"),
        plan=query.get("plan"),
        quota=caller.quota,
        seconds=seconds,
    )


def prefers_async(event: Event) -> bool:
    """Whether the caller would rather have a job (RFC 7240)."""
    preferences = (_header(event, "prefer") or "").split(",")
    return "respond-async" in {each.partition(";")[0].strip().lower() for each in preferences}


def body_of(event: Event, *, as_job: bool = False) -> bytes:
    """The body as it was sent; no body counts as `{}`. Raises HTTP's 400 for what is not UTF-8, and 413."""
    text = event.get("body") or "{}"
    if REPLACED in text:
        raise HttpRefusal(400, "The body is not in UTF-8, or not all of it.", "Send a JSON object, as UTF-8.")
    # What is no UTF-8 stays so, and is no JSON either.
    body = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode(errors="surrogatepass")
    # In bytes and before anything is parsed: parsing is what a big body costs.
    if len(body) > (most := MAX_JOB_BODY if as_job else MAX_BODY):
        detail = f"The body has more than {most / 1_000_000:g} MB."
        raise HttpRefusal(413, detail, "Send less at once, in several requests.")
    return body


def read_body(body: bytes, wanted: type[V], *, as_job: bool = False) -> V:
    """The body as `wanted`. Raises `invalid_request` with every fault in it."""
    require_bounds(body, wanted, as_job=as_job)
    return validated(lambda: wanted.model_validate_json(body))


def asked_of(event: Event, wanted: type[V]) -> V:
    """The query, but for what steers a command, as `wanted`."""
    steering = STEERING if event["httpMethod"] in COMMANDS else set[str]()
    asked = {name: value for name, value in query_of(event).items() if name not in steering}
    return validated(lambda: wanted.model_validate(asked))


def validated(parse: Callable[[], V]) -> V:
    """What `parse` makes; raises `invalid_request`, or HTTP's 400 for what is not even JSON."""
    try:
        return parse()
    except ValidationError as error:
        if error.errors(include_url=False)[0]["type"] == "json_invalid":
            detail = f"The body is not JSON: {error.errors()[0]['ctx']['error']}."
            raise HttpRefusal(400, detail, "Send a JSON object, as UTF-8.") from error
        raise bad_input(error) from error


def _reply_key(event: Event, caller: Caller, query: Mapping[str, str]) -> IdempotencyKey | None:
    given = {name.lower(): values for name, values in (event.get("multiValueHeaders") or {}).items()}
    if len(given.get("idempotency-key", ())) > 1:
        raise invalid(Fault("Idempotency-Key", "is given more than once"))
    if event["httpMethod"] != "POST" or (key := _header(event, "idempotency-key")) is None:
        return None
    if not (1 <= len(key) <= MAX_IDEMPOTENCY_KEY and key.isprintable()):
        raise invalid(Fault("Idempotency-Key", f"must have 1 to {MAX_IDEMPOTENCY_KEY} characters, all printable"))
    asked = [event["httpMethod"], event["resource"], path_of(event), query, event.get("body") or ""]
    return IdempotencyKey.of(caller.subject, key, json.dumps(asked, sort_keys=True))


def _header(event: Event, name: str) -> str | None:
    return next((value for given, value in (event.get("headers") or {}).items() if given.lower() == name), None)


def _flag(query: Mapping[str, str], name: str) -> bool:
    if (text := query.get(name, "false")) not in ("true", "false"):
        raise invalid(Fault(name, "must be true or false"))
    return text == "true"
