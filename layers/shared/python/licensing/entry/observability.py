"""Logs and metrics, structured. No event, body or key is ever logged: only ids, counts and codes (D8)."""

from aws_lambda_powertools.logging import Logger

logger = Logger()
