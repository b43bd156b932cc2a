"""Which of DynamoDB's answers mean that nothing was written, so that a command may be decided again."""

import pytest
from pynamodb.exceptions import CancellationReason, TransactWriteError, VerboseClientError

from licensing.adapters.dynamodb.store import is_race
from licensing.adapters.dynamodb.throttling import is_throttled


def refused(code: str, *reasons: str) -> TransactWriteError:
    cancelled = [CancellationReason(code=reason) for reason in reasons]
    error = {"Error": {"Code": code, "Message": ""}}
    cause = VerboseClientError(error, "TransactWriteItems", cancellation_reasons=cancelled)
    return TransactWriteError("refused", cause)


@pytest.mark.parametrize("reason", ["ConditionalCheckFailed", "TransactionConflict"])
@pytest.mark.parametrize("more", [(), ("ThrottlingError",)])
def test_a_cancelled_transaction_wrote_nothing_and_is_decided_again(reason: str, more: tuple[str, ...]) -> None:
    assert is_race(refused("TransactionCanceledException", reason, *more))


@pytest.mark.parametrize("reason", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_one_that_was_throttled_lost_no_race_and_is_only_sent_again(reason: str) -> None:
    assert not is_race(refused("TransactionCanceledException", reason))
    answer = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": [{"Code": "None"}]}
    assert not is_throttled(answer)
    assert is_throttled(answer | {"CancellationReasons": [{"Code": "None"}, {"Code": reason}]})
    assert not is_throttled(answer | {"CancellationReasons": [{"Code": reason}, {"Code": "TransactionConflict"}]})


@pytest.mark.parametrize("reason", ["ValidationError", "ItemCollectionSizeLimitExceeded"])
def test_what_fails_again_each_time_is_no_race(reason: str) -> None:
    assert not is_race(refused("TransactionCanceledException", "ConditionalCheckFailed", reason))


def test_a_transaction_still_in_progress_may_yet_be_written_and_is_not_decided_again() -> None:
    """Its first attempt's answer got lost. Decided again it could be done twice: moved twice as many licenses."""
    assert not is_race(refused("TransactionInProgressException"))
