"""``wandb.apis.public``: the classes that `Api` gives."""

from gitrack.interop.standin.api.client import Api
from gitrack.interop.standin.api.files import File, Files
from gitrack.interop.standin.api.listing import Runs
from gitrack.interop.standin.api.runs import Run
from gitrack.interop.standin.api.sweeps import Sweep

__all__ = ["Api", "File", "Files", "Run", "Runs", "Sweep"]
