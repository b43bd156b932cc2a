"""Rules of the house for what is watched by the piece: traces and metrics cost what they watch, unless few."""

from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

HIGHEST_RATE = 0.05


class TracesAreSampled(CloudFormationLintRule):
    """One request in twenty is traced, as a rule of our own says, and whatever it starts follows it.

    Without one X-Ray traces the first request of each second: with little traffic, nearly all.
    """

    id = "E9141"
    shortdesc = "Traces without a sampling rule"
    description = "A sampling rule of 5 % without a reservoir; functions leave the choice to who called them"
    tags = ("xray", "lambda")

    def match(self, cfn: Template) -> list[RuleMatch]:
        rules = cfn.get_resources(["AWS::XRay::SamplingRule"])
        found = [
            RuleMatch(["Resources", name], f"{name} traces more than {HIGHEST_RATE:.0%}")
            for name, rule in rules.items()
            if _is_costly(rule["Properties"]["SamplingRule"])
        ]
        if not rules:
            found.append(RuleMatch(["Resources"], "no rule says how many requests are traced"))
        for name, function in cfn.get_resources(["AWS::Serverless::Function"]).items():
            if function["Properties"].get("Tracing", "PassThrough") != "PassThrough":
                found.append(RuleMatch(["Resources", name], f"{name} chooses by itself what is traced"))
        if cfn.template.get("Globals", {}).get("Function", {}).get("Tracing") != "PassThrough":
            found.append(RuleMatch(["Globals"], "functions choose by themselves what is traced"))
        return found


class MetricsAreOfStages(CloudFormationLintRule):
    """An API is measured as a whole: each method's own five metrics cost more than its calls do."""

    id = "E9142"
    shortdesc = "Detailed metrics of an API's methods"
    description = "MetricsEnabled is off; the access log tells methods apart"
    tags = ("apigateway", "cloudwatch")

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            RuleMatch(["Resources", name], f"{name} measures each of its methods")
            for name, api in cfn.get_resources(["AWS::Serverless::Api"]).items()
            if any(setting.get("MetricsEnabled") for setting in api["Properties"].get("MethodSettings", ()))
        ]


def _is_costly(rule: dict[str, Any]) -> bool:
    return bool(rule["FixedRate"] > HIGHEST_RATE or rule["ReservoirSize"])
