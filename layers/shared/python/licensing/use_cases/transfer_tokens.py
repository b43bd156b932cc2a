"""Transfer all: an org's shared AI tokens go to another org (D14)."""

from licensing.domain.ai_tokens import TokenPool, Transferred, TransferRequest, transfer
from licensing.domain.decisions import Decision
from licensing.domain.records import Facts
from licensing.ports import Store
from licensing.use_cases.path import Context, Outcome, run


def transfer_tokens(store: Store, context: Context, org_id: str, request: TransferRequest) -> Outcome[Transferred]:
    source, target = TokenPool.named(org_id), TokenPool.named(request.to_org_id)

    def decide(facts: Facts) -> Decision[Transferred]:
        return transfer(org_id, facts[source], request.to_org_id, facts[target])

    return run(store, context, lambda reading: reading.get(source, target), decide)
