"""Rules of the house for queues: nothing is lost in silence."""

from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

FOURTEEN_DAYS = 1_209_600
# When the sweeper takes a message for lost that something was at (`use_cases/ordering/sweep_orders.py`).
AT_WORK = 2_400
SWEPT = ("KeyGenerationQueue", "KeyDeliveryQueue")
TRIES = 6  # AWS's own advice for the visibility timeout, in timeouts of the function


class QueuesAreWatched(CloudFormationLintRule):
    """Every queue has a dead-letter queue, and an alarm each for what waits too long and for what failed."""

    id = "E9101"
    shortdesc = "Queue without dead-letter queue or alarm"
    description = "A message that can't be handled is kept for 14 days, and somebody hears of it"
    tags = ("sqs",)

    def match(self, cfn: Template) -> list[RuleMatch]:
        queues = cfn.get_resources(["AWS::SQS::Queue"])
        targets = {name: dead_letters_of(queue) for name, queue in queues.items()}
        ends = {*targets.values(), *(end for _, _, end in handed_over(cfn)), *given_up(cfn)}
        alarms = cfn.get_resources(["AWS::CloudWatch::Alarm"]).values()
        watched = {(metric, name) for alarm in alarms for metric, name in watched_by(alarm)}
        found = []
        for name, queue in queues.items():
            path = ["Resources", name]
            is_target = name in ends
            if not is_target and targets[name] not in queues:
                found.append(RuleMatch(path, f"{name} has no dead-letter queue"))
            if is_target and queue["Properties"].get("MessageRetentionPeriod") != FOURTEEN_DAYS:
                found.append(RuleMatch(path, f"{name} must keep what failed for 14 days"))
            metric = "ApproximateNumberOfMessagesVisible" if is_target else "ApproximateAgeOfOldestMessage"
            if (metric, name) not in watched:
                found.append(RuleMatch(path, f"{name} has no alarm on {metric}"))
        return found


class RetriesWait(CloudFormationLintRule):
    """A message is not tried again while its function may still be at it."""

    id = "E9102"
    shortdesc = "Queue tries again too soon"
    description = "The visibility timeout is at least six timeouts of the function that works the queue off"
    tags = ("sqs", "lambda")

    def match(self, cfn: Template) -> list[RuleMatch]:
        queues = cfn.get_resources(["AWS::SQS::Queue"])
        usual = cfn.template["Globals"]["Function"]["Timeout"]
        found = []
        for name, function in cfn.get_resources(["AWS::Serverless::Function"]).items():
            path = ["Resources", name]
            for event in function["Properties"].get("Events", {}).values():
                if event["Type"] != "SQS":
                    continue
                if event["Properties"].get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
                    found.append(RuleMatch(path, f"{name} must report which messages of a batch failed"))
                queue = attribute_of(event["Properties"]["Queue"])
                waits = number(cfn, queues[queue]["Properties"].get("VisibilityTimeout", 30)) if queue in queues else 0
                takes = number(cfn, function["Properties"].get("Timeout", usual))
                if waits < TRIES * takes:
                    found.append(RuleMatch(path, f"{queue} waits {waits} s, less than {TRIES} times {takes} s"))
        return found


class AttemptsEnd(CloudFormationLintRule):
    """A message whose order the sweeper takes up has used up its attempts by then: nothing is queued twice."""

    id = "E9105"
    shortdesc = "Queue tries longer than the sweeper waits"
    description = "The visibility timeout, as often as a message is tried, ends before the sweeper's patience"
    tags = ("sqs",)

    def match(self, cfn: Template) -> list[RuleMatch]:
        found = []
        for name in SWEPT:
            settings = cfn.get_resources(["AWS::SQS::Queue"])[name]["Properties"]
            tries = number(cfn, settings["RedrivePolicy"]["maxReceiveCount"])
            takes = tries * number(cfn, settings["VisibilityTimeout"])
            if takes >= AT_WORK:
                found.append(RuleMatch(["Resources", name], f"{name} tries for {takes} s, {AT_WORK} s are too long"))
        return found


class HandingOverFails(CloudFormationLintRule):
    """What a topic or a schedule could not hand over is kept in a queue of ours, and somebody hears of it."""

    id = "E9103"
    shortdesc = "Subscription or schedule without dead-letter queue"
    description = "Subscriptions have a RedrivePolicy, schedules a DeadLetterConfig, to a queue that takes it from them"
    tags = ("sns", "events")

    def match(self, cfn: Template) -> list[RuleMatch]:
        queues = cfn.get_resources(["AWS::SQS::Queue"])
        policies = cfn.get_resources(["AWS::SQS::QueuePolicy"]).values()
        found = []
        for name, sender, end in handed_over(cfn):
            if end not in queues:
                found.append(RuleMatch(["Resources", name], f"{name} loses what {sender} can't hand over"))
            elif not any(lets_in(policy, sender, end) for policy in policies):
                found.append(RuleMatch(["Resources", name], f"{end} takes nothing from {sender}"))
        return found


def handed_over(cfn: Template) -> list[tuple[str, str, str | None]]:
    """Who hands messages over, by which service, and the queue for those it can't."""
    subscriptions = cfn.get_resources(["AWS::SNS::Subscription"]).items()
    functions = cfn.get_resources(["AWS::Serverless::Function"]).items()
    schedules = [
        (name, event["Properties"].get("DeadLetterConfig", {}))
        for name, function in functions
        for event in function["Properties"].get("Events", {}).values()
        if event["Type"] in ("Schedule", "ScheduleV2")
    ]
    return [
        *((name, "sns.amazonaws.com", dead_letters_of(subscription)) for name, subscription in subscriptions),
        *((name, "events.amazonaws.com", attribute_of(settings.get("Arn"))) for name, settings in schedules),
    ]


def given_up(cfn: Template) -> list[str]:
    """The queues for what functions on a stream give up."""
    functions = cfn.get_resources(["AWS::Serverless::Function"]).values()
    events = [event["Properties"] for each in functions for event in each["Properties"].get("Events", {}).values()]
    return [end for event in events if (end := destination_of(event))]


def destination_of(settings: dict[str, Any]) -> str | None:
    """The queue for what a function on a stream gives up."""
    return attribute_of(settings.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"))


def lets_in(policy: dict[str, Any], service: str, queue: str | None) -> bool:
    return any(
        statement["Effect"] == "Allow"
        and statement["Principal"] == {"Service": service}
        and queue in [attribute_of(each) for each in listed(statement["Resource"])]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    )


def dead_letters_of(holder: dict[str, Any]) -> str | None:
    """Of a queue or a subscription."""
    policy = holder["Properties"].get("RedrivePolicy", {})
    return attribute_of(policy.get("deadLetterTargetArn"))


def watched_by(alarm: dict[str, Any]) -> list[tuple[str, str | None]]:
    properties = alarm["Properties"]
    if not properties.get("AlarmActions"):
        return []
    values = [each["Value"] for each in properties.get("Dimensions", ()) if each["Name"] == "QueueName"]
    return [(properties.get("MetricName", ""), attribute_of(value)) for value in values]


def attribute_of(value: Any) -> str | None:
    """The logical id in `{"Fn::GetAtt": [id, …]}`."""
    return value["Fn::GetAtt"][0] if isinstance(value, dict) and "Fn::GetAtt" in value else None


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def number(cfn: Template, value: Any) -> int:
    """A number as it stands, or a parameter's default."""
    if isinstance(value, dict):
        value = cfn.template["Parameters"][value["Ref"]]["Default"]
    return int(value)
