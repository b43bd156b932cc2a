"""Transfer all: an org's shared AI tokens go to another org (D14)."""

from licensing.domain.claiming.ai_tokens import transfer
from licensing.domain.claiming.requests import TransferRequest
from licensing.domain.claiming.views import TransferView
from licensing.domain.core.decisions import Decision
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.ai_tokens import TokenPool
from licensing.ports import Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome


def transfer_tokens(store: Store, context: Context, org_id: str, request: TransferRequest) -> Outcome[TransferView]:
    source, target = TokenPool.ref_of(org_id), TokenPool.ref_of(request.to_org_id)

    def decide(facts: RecordSet) -> Decision[TransferView]:
        return transfer(org_id, facts[source], request.to_org_id, facts[target])

    return run_command(store, context, lambda reading: reading.get(source, target), decide)
