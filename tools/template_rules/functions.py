"""Rules of the house for functions: each with a role and a log of its own, and no right it can't name."""

from collections import Counter
from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

HOLDERS = ["AWS::Serverless::Function", "AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"]


class FunctionsKeepApart(CloudFormationLintRule):
    """Every function has its own role, written out, and its own log group, whose entries are forgotten some day.

    A role that SAM makes for a function may write any log of the account, and receive from any queue.
    """

    id = "E9111"
    shortdesc = "Function without a role or log group of its own"
    description = "One role and one log group with a retention for each function"
    tags = ("lambda", "iam", "logs")

    def match(self, cfn: Template) -> list[RuleMatch]:
        functions = cfn.get_resources(["AWS::Serverless::Function"])
        groups = cfn.get_resources(["AWS::Logs::LogGroup"])
        written = cfn.get_resources(["AWS::IAM::Role"])
        roles = Counter(role_of(function) for function in functions.values())
        logs = Counter(log_of(function) for function in functions.values())
        found = []
        for name, function in functions.items():
            path = ["Resources", name]
            log = log_of(function)
            if role_of(function) not in written:
                found.append(RuleMatch(path, f"{name} has no role that is written out here"))
            elif roles[role_of(function)] > 1:
                found.append(RuleMatch(path, f"{name} shares its role"))
            if log not in groups or logs[log] > 1:
                found.append(RuleMatch(path, f"{name} has no log group of its own"))
            elif "RetentionInDays" not in groups[log]["Properties"]:
                found.append(RuleMatch(path, f"{log} keeps its entries for ever"))
        return found


class RightsAreNamed(CloudFormationLintRule):
    """Nobody may do everything, or do something to everything, unless its metadata says why."""

    id = "E9112"
    shortdesc = "Role with a right to everything"
    description = "Actions and resources are named; a `*` needs a `Reason` in the metadata"
    tags = ("iam",)

    def match(self, cfn: Template) -> list[RuleMatch]:
        found = []
        for name, role in cfn.get_resources(HOLDERS).items():
            if role.get("Metadata", {}).get("Reason"):
                continue
            for statement in statements_of(role):
                if any(action == "*" or action.endswith(":*") for action in listed(statement.get("Action"))):
                    found.append(RuleMatch(["Resources", name], f"{name} may do everything of a service"))
                if "*" in listed(statement.get("Resource")):
                    found.append(RuleMatch(["Resources", name], f"{name} has a right to every resource"))
        return found


def role_of(function: dict[str, Any]) -> str | None:
    role = function["Properties"].get("Role", {})
    return role["Fn::GetAtt"][0] if isinstance(role, dict) and "Fn::GetAtt" in role else None


def log_of(function: dict[str, Any]) -> str:
    group = function["Properties"].get("LoggingConfig", {}).get("LogGroup", {})
    return str(group.get("Ref")) if isinstance(group, dict) else str(group)


def statements_of(holder: dict[str, Any]) -> list[dict[str, Any]]:
    """Of a function's own policies, of a role's, or of a policy that stands alone."""
    policies = [*holder["Properties"].get("Policies", ()), holder["Properties"]]
    documents = [policy.get("PolicyDocument", policy) for policy in policies]
    return [statement for document in documents for statement in listed(document.get("Statement"))]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
