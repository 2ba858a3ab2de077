"""``python -m wandb``."""

import sys

from gitrack.interop.standin.commands import cli

sys.exit(cli())
