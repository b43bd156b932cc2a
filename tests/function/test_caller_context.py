"""What the authorizer tells the functions of a caller: the same caller again, and short enough for the gateway."""

import json

from hypothesis import given
from hypothesis import strategies as st

from functions.authorizer.app import _allow
from licensing.domain.core.limits import MAX_GRANTS
from licensing.domain.core.quotas import DailyQuota
from licensing.domain.people.access import TENANT_OF, Caller, Grant
from licensing.entry.caller_context import from_context, to_context

IDS = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", fullmatch=True)
TENANTED = st.sampled_from([role for role, tenant in TENANT_OF.items() if tenant])
GRANTS = st.just(Grant(role="operator")) | st.builds(Grant.of, TENANTED, IDS)
TEXTS = st.text(min_size=1, max_size=30)
CALLERS = st.builds(
    Caller,
    subject=TEXTS,
    email=st.none() | TEXTS,
    grants=st.lists(GRANTS, max_size=12).map(tuple),
    token=st.none() | TEXTS,
    maker=st.none() | TEXTS,
    quota=st.none() | st.builds(DailyQuota, token_id=TEXTS, licenses_per_day=st.integers(0, 10**7)),
    needs_mfa=st.booleans(),
)


@given(CALLERS)
def test_a_caller_arrives_as_it_was_told_its_grants_by_role(caller: Caller) -> None:
    told = to_context(caller)
    assert all(isinstance(value, str) for value in told.values()), "the gateway passes on nothing else"
    arrived = from_context(told)
    assert set(arrived.grants) == set(caller.grants)
    assert arrived.model_copy(update={"grants": ()}) == caller.model_copy(update={"grants": ()})


def test_as_many_grants_as_one_may_have_fit_into_what_the_gateway_takes() -> None:
    grants = tuple(Grant(role="org_viewer", org_id=f"{number:040}") for number in range(MAX_GRANTS))
    address = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.ee"
    caller = Caller(
        subject="0" * 36,
        email=address,
        grants=grants,
        token=f"token:{'n' * 63} ({address})",
        maker="0" * 36,
        quota=DailyQuota(token_id="0" * 16, licenses_per_day=10**7),
        needs_mfa=True,
    )
    policy = _allow("arn:aws:execute-api:ap-southeast-2:123456789012:a1b2c3d4e5/v1/GET/orgs")
    answer = {"principalId": caller.subject, "policyDocument": policy, "context": to_context(caller)}
    assert len(json.dumps(answer)) < 8_000
