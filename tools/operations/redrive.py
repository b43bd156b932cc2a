"""`make redrive QUEUE=KeyDelivery`: puts the messages of a dead-letter queue back where they failed."""

import sys

from licensing.adapters.aws import client
from tools.operations.target import arguments, target


def main() -> None:
    chosen = arguments(__doc__, "queue")
    outputs = target(chosen.stack).outputs
    failures, queue = (outputs.get(f"{chosen.queue}{kind}Url") for kind in ("Failures", "Queue"))
    if failures is None or queue is None:
        names = ", ".join(name.removesuffix("FailuresUrl") for name in outputs if name.endswith("FailuresUrl"))
        sys.exit(f"There is no queue {chosen.queue}; there are {names}.")
    print(f"{redriven(failures, queue)} messages put back")


def redriven(failures: str, queue: str) -> int:
    """How many. Each is put back before it is taken away: a break in between doubles one, which workers don't mind."""
    queues, count = client("sqs"), 0
    while found := queues.receive_message(QueueUrl=failures, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages"):
        for message in found:
            queues.send_message(QueueUrl=queue, MessageBody=message["Body"])
            queues.delete_message(QueueUrl=failures, ReceiptHandle=message["ReceiptHandle"])
        count += len(found)
    return count


if __name__ == "__main__":
    main()
