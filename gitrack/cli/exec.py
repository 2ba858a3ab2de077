"""Run a command whose Python scripts record into git where they would use W&B."""

import argparse
import os
import shutil
import sys

from gitrack.errors import UsageError
from gitrack.interop.standin.place import environment_with_front


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.usage = "gitrack exec [-h] [--tensorboard] -- COMMAND [ARGUMENT ...]"
    parser.add_argument(
        "--tensorboard", action="store_true", help="record what scripts write to event files too"
    )
    parser.add_argument(
        "words", nargs=argparse.REMAINDER, metavar="COMMAND", help="what to run: python train.py"
    )


def run(options: argparse.Namespace) -> int:
    """Become the command; its exit status and its signals are its own."""
    words: list[str] = options.words
    if words[:1] == ["--"]:
        del words[0]
    if not words:
        raise UsageError("say what to run: gitrack exec -- python train.py")
    folders = []
    if options.tensorboard:
        from gitrack.interop.unasked.begin import front

        folders = [front()]
    environ = environment_with_front(os.environ, *folders)
    if shutil.which(words[0], path=environ.get("PATH")) is None:
        raise UsageError(f"{words[0]}: no such command")
    sys.stdout.flush()
    if os.name != "nt":
        os.execvpe(words[0], words, environ)  # noqa: S606
    # On Windows, exec would return to the shell before the command ends.
    import subprocess

    return subprocess.run(words, env=environ, check=False).returncode
