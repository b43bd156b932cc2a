"""Rules of the house for who follows the table's stream: nothing holds the others up, nothing is lost in silence."""

from collections.abc import Iterator
from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from tools.template_rules.queues import destination_of

WANTED = {
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "BisectBatchOnFunctionError": True,
}
BOUNDS = ("MaximumRetryAttempts", "MaximumRecordAgeInSeconds", "FilterCriteria")


class StreamsAreFollowed(CloudFormationLintRule):
    """What can't be followed is given up some day, told to a queue of ours, and somebody hears of it; and somebody
    hears of a function that falls behind."""

    id = "E9104"
    shortdesc = "Function on a stream that may stand still or lose something"
    description = "It reports failures, gives up, and has a queue for that and an alarm on IteratorAge"
    tags = ("dynamodb", "lambda")

    def match(self, cfn: Template) -> list[RuleMatch]:
        queues = cfn.get_resources(["AWS::SQS::Queue"])
        watched = set(_watched_functions(cfn))
        found = []
        for name, settings in followers(cfn):
            path = ["Resources", name]
            if any(settings.get(each) != value for each, value in WANTED.items()):
                found.append(RuleMatch(path, f"{name} must report which records failed, and bisect batches that do"))
            if any(each not in settings for each in BOUNDS):
                found.append(RuleMatch(path, f"{name} takes all there is, or tries for ever"))
            if destination_of(settings) not in queues:
                found.append(RuleMatch(path, f"{name} loses what it gives up"))
            if name not in watched:
                found.append(RuleMatch(path, f"{name} has no alarm on IteratorAge"))
        return found


def followers(cfn: Template) -> list[tuple[str, dict[str, Any]]]:
    """The functions on a stream, with the settings of that."""
    functions = cfn.get_resources(["AWS::Serverless::Function"]).items()
    events = ((name, event) for name, each in functions for event in each["Properties"].get("Events", {}).values())
    return [(name, event["Properties"]) for name, event in events if event["Type"] == "DynamoDB"]


def _watched_functions(cfn: Template) -> Iterator[str]:
    for alarm in cfn.get_resources(["AWS::CloudWatch::Alarm"]).values():
        properties = alarm["Properties"]
        if properties.get("MetricName") == "IteratorAge" and properties.get("AlarmActions"):
            yield from (each["Value"].get("Ref") for each in properties["Dimensions"] if each["Name"] == "FunctionName")
