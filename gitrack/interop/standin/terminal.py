"""Lines to the terminal, as wandb's own functions print them."""

from gitrack.record.notice import tell, warn_once


def termlog(
    string: str = "",
    newline: bool = True,  # noqa: ARG001
    repeat: bool = True,
    prefix: bool = True,  # noqa: ARG001
) -> None:
    """
    Print a line to stderr.

    Parameters
    ----------
    string : str
        The line.
    newline, prefix : bool
        Taken for W&B's sake.
    repeat : bool
        False prints a line that was printed before no more.
    """
    _print(string, repeat=repeat)


def termwarn(string: str, newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:  # noqa: ARG001
    """Print a warning: see `termlog`."""
    _print(f"WARNING {string}", repeat=repeat)


def termerror(string: str, newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:  # noqa: ARG001
    """Print an error: see `termlog`."""
    _print(f"ERROR {string}", repeat=repeat)


def _print(line: str, *, repeat: bool) -> None:
    if repeat:
        tell(line)
    else:
        warn_once(line, line)
