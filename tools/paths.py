"""Where things lie, for all tools."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
UV = ROOT / ".venv/bin/uv"
RUNNING = ROOT / ".local/stack.json"  # there for as long as `make run` is ready
