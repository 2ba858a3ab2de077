"""Which of the processes of a distributed training this is."""

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

#: Variables of the rank and of the number of processes, by launcher.
_LAUNCHERS = (
    ("RANK", "WORLD_SIZE"),  # torchrun, accelerate, DeepSpeed
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("PMI_RANK", "PMI_SIZE"),
    ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
)


@dataclass(frozen=True, slots=True)
class Rank:
    """
    A process among several.

    Attributes
    ----------
    rank, size : int
        Its number, from 0, and how many there are.
    job : str
        What all of them know the training by.
    """

    rank: int
    size: int
    job: str

    @property
    def meeting(self) -> str:
        """A name that the training's processes on this machine agree on, and no others."""
        # A launcher's workers have one parent; Slurm's have a step of their own.
        step = os.environ.get("SLURM_STEP_ID") or str(os.getppid())
        words = f"{self.job} {self.size} {os.environ.get('MASTER_PORT')} {step}"
        return hashlib.sha256(words.encode()).hexdigest()[:32]


def rank_from(environ: Mapping[str, str] | None = None) -> Rank | None:
    """
    Return this process's rank, None where it trains alone.

    Examples
    --------
    >>> rank_from({"RANK": "3", "WORLD_SIZE": "4", "MASTER_PORT": "29500"})
    Rank(rank=3, size=4, job='29500')
    >>> rank_from({"RANK": "0", "WORLD_SIZE": "1"})
    """
    environ = os.environ if environ is None else environ
    for own, all_of_them in _LAUNCHERS:
        try:
            rank, size = int(environ[own]), int(environ[all_of_them])
        except (KeyError, ValueError):
            continue
        if size > 1 and 0 <= rank < size:
            return Rank(rank, size, _job(environ))
    torch = sys.modules.get("torch")
    distributed = getattr(torch, "distributed", None)
    if distributed is not None and distributed.is_available() and distributed.is_initialized():
        size = distributed.get_world_size()
        if size > 1:
            return Rank(distributed.get_rank(), size, _job(environ))
    return None


def _job(environ: Mapping[str, str]) -> str:
    names = ("TORCHELASTIC_RUN_ID", "SLURM_JOB_ID", "PMI_JOBID", "MASTER_PORT")
    found = (environ.get(name) for name in names)
    return next((value for value in found if value and value != "none"), "job")
