"""Problem documents (RFC 9457): every "no" the API gives."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from licensing.domain.core.errors import Code, Fault, Refusal, told
from licensing.domain.core.limits import MAX_FAULTS

STATUS: dict[Code, int] = {
    "invalid_request": 422,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "rate_limited": 429,
    "idempotency_key_reused": 422,
    "plan_stale": 409,
    "conflict": 409,
    "order_conflict": 409,
    "unknown_license_model": 422,
    "duplicate_license_model": 422,
    "malformed_key": 422,
    "unknown_key": 404,
    "already_claimed": 409,
    "wrong_portal": 409,
    "key_voided": 409,
    "device_exists": 409,
    "device_elsewhere": 409,
    "not_matching": 422,
    "license_unavailable": 409,
    "license_expired": 409,
    "undo_expired": 409,
    "not_latest": 409,
    "not_enough_licenses": 409,
    "not_started": 409,
    "renewal_expired": 409,
    "unfinished": 503,
    "not_ready": 503,
    "too_many": 409,
    "job_running": 409,
}

# Faults that have a code of their own: it is the problem's, when nothing else is wrong.
OWN_CODE: dict[str, Code] = {
    "unknown_license_model": "unknown_license_model",
    "duplicate_license_model": "duplicate_license_model",
}

# No field or parameter of the API has a longer name; a license key does.
LONGEST_NAME = 24

# How a remedy is called over HTTP, of which the domain knows nothing: by code, and by case where a code has several.
CALLS: dict[tuple[Code, str | None], str] = {
    ("unknown_license_model", None): "GET /license-models lists them.",
    ("wrong_portal", "organization"): "That is POST /orgs/{org_id}/claims.",
    ("wrong_portal", "msp"): "That is POST /msps/{msp_id}/claims.",
    ("license_unavailable", "ai_tokens"): "That is POST /orgs/{org_id}/ai-tokens/transfer.",
    ("license_unavailable", "associated"): "That is POST /orgs/{org_id}/devices/move.",
    ("not_enough_licenses", "co_term"): "The same request with dry_run=true is one.",
    ("plan_stale", None): "The same request with dry_run=true and without a plan makes one.",
}

MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is no field of this request",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "string_type": "must be text",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries, and has {actual_length}",
    "literal_error": "must be one of {expected}",
    "string_pattern_mismatch": "must match {pattern}",
    "timezone_aware": "must be an instant in UTC, such as 2026-11-24T09:00:00Z",
    "datetime_parsing": "must be an instant in UTC, such as 2026-11-24T09:00:00Z",
    "datetime_from_date_parsing": "must be an instant in UTC, such as 2026-11-24T09:00:00Z",
    "datetime_type": "must be an instant in UTC, such as 2026-11-24T09:00:00Z",
}


class HttpRefusal(Refusal):
    """A request that HTTP itself has a status for."""

    def __init__(self, status: int, detail: str, remedy: str) -> None:
        super().__init__("invalid_request", detail, remedy)
        self.status = status


def problem(refusal: Refusal, instance: str) -> dict[str, Any]:
    """The document's members, `instance` being the request's id."""
    status = refusal.status if isinstance(refusal, HttpRefusal) else STATUS[refusal.code]
    remedy = " ".join(filter(None, (refusal.remedy, CALLS.get((refusal.code, refusal.case)))))
    document = _document(refusal.code, status, refusal.detail, remedy, instance)
    if refusal.faults:
        # Every entry of the longest list may be at fault; nobody mends more than these at once.
        shown = refusal.faults[:MAX_FAULTS]
        document["errors"] = [{"field": fault.field, "message": fault.message} for fault in shown]
        if more := len(refusal.faults) - len(shown):
            document["errors_left_out"] = more
    return document | refusal.extra


def broken(instance: str) -> dict[str, Any]:
    """The document for a fault of ours; what went wrong stands in the log under the same request id."""
    remedy = "Send the request again, with the same Idempotency-Key if it had one: nothing is done twice."
    return _document("internal_error", 500, "Something went wrong on our side.", remedy, instance)


def _document(code: str, status: int, detail: str, remedy: str, instance: str) -> dict[str, Any]:
    return {
        "type": f"urn:engenius:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "remedy": remedy,
        "instance": instance,
    }


def bad_input(error: ValidationError) -> Refusal:
    """All that pydantic found, said for people."""
    found = _without_echoes(error.errors(include_url=False))
    faults = tuple(Fault(_field(fault["loc"]), _message(fault)) for fault in found)
    codes = {OWN_CODE.get(fault["type"], "invalid_request") for fault in found}
    code: Code = codes.pop() if len(codes) == 1 else "invalid_request"
    return Refusal(
        code,
        told(faults),
        "Correct the fields named in `errors` and send the request again.",
        faults,
    )


def _without_echoes(found: list[ErrorDetails]) -> list[ErrorDetails]:
    """A list whose entries are all bad also counts as too short: that says nothing new."""
    inside = {fault["loc"][:-1] for fault in found} | {fault["loc"][:-2] for fault in found if len(fault["loc"]) > 1}
    return [fault for fault in found if fault["type"] != "too_short" or fault["loc"] not in inside]


def _field(location: tuple[int | str, ...]) -> str:
    """`lines[0].quantity`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{named(part)}" for part in location)
    return text.removeprefix(".") or "body"


def named(field: str) -> str:
    """A field's name as the caller wrote it; of one longer than any of ours the start: it may be a license key (D8)."""
    return field if len(field) <= LONGEST_NAME else f"{field[:5]}…"


def _message(fault: ErrorDetails) -> str:
    template = MESSAGES.get(fault["type"])
    return template.format(**fault.get("ctx", {})) if template else fault["msg"].removeprefix("Value error, ")
