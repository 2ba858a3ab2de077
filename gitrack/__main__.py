"""``python -m gitrack``."""

import sys

from gitrack.cli.main import main

sys.exit(main())
