"""Take the runs of one experiments branch into another, as after a pull request."""

import argparse

from gitrack.cli.outcome import add_sides, count_of_runs, preferred, tell_clashes
from gitrack.cli.place import add_place, repository_from
from gitrack.errors import MergeConflictError, RepositoryError, UsageError
from gitrack.model.names import EXPERIMENTS, check_branch
from gitrack.settings import read_settings
from gitrack.store.branch import Branch
from gitrack.store.repository import Repository
from gitrack.store.sync import Outcome, join


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_place(parser)
    parser.add_argument("source", metavar="SOURCE", help="the branch whose runs are taken")
    parser.add_argument("into", metavar="INTO", nargs="?", help="where to; the code branch's own")
    parser.add_argument(
        "--delete", action="store_true", help="remove SOURCE here afterwards; its runs are on INTO"
    )
    add_sides(parser)


def run(options: argparse.Namespace) -> None:
    """Merge, and say what came."""
    repository = repository_from(options)
    into = check_branch(options.into or _code_branch(repository))
    ref, tip = _source(repository, options.source)
    if ref == f"refs/heads/{into}":
        raise UsageError(f"{into} cannot be merged into itself")
    home = f"refs/remotes/{read_settings(repository.work_tree).remote}/"
    foreign = not ref.startswith(("refs/heads/", home))
    outcome = Outcome()
    try:
        union = join(repository, into, tip, preferred(options), foreign=foreign, own_files="ours")
    except MergeConflictError as error:
        tell_clashes(error)
        raise
    if union is not None:
        outcome.count(union)
    shown = ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
    print(f"{into} has all of {shown}: {count_of_runs(outcome) or 'nothing new'}")
    if options.delete:
        _delete(repository, ref, tip, into)


def _code_branch(repository: Repository) -> str:
    if branch := repository.git.ask("symbolic-ref", "--quiet", "--short", "HEAD"):
        return branch
    raise UsageError("no branch is checked out: name the one to merge into")


def _source(repository: Repository, name: str) -> tuple[str, str]:
    """Find a branch here, or else on a remote."""
    git = repository.git
    branch = check_branch(name.partition(EXPERIMENTS)[2] or name)
    remotes = sorted((git.ask("remote") or "").split(), key=lambda remote: remote != "origin")
    if EXPERIMENTS in name and (remote := name.partition(f"/{EXPERIMENTS}")[0]) in remotes:
        refs = [f"refs/remotes/{remote}/{branch}"]
    else:
        refs = [f"refs/heads/{branch}", *(f"refs/remotes/{one}/{branch}" for one in remotes)]
    for ref in refs:
        if tip := git.ask("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"):
            return ref, tip
    known = git.ask("for-each-ref", "--format=%(refname:short)", f"refs/heads/{EXPERIMENTS}") or ""
    there = ", ".join(known.split()) or "none"
    raise RepositoryError(f"there is no branch {branch}, here or on a remote (here: {there})")


def _delete(repository: Repository, ref: str, tip: str, into: str) -> None:
    """Remove the source, if nothing came to it meanwhile."""
    name = ref.removeprefix("refs/heads/")
    if name == ref:
        remote, _, branch = ref.removeprefix("refs/remotes/").partition("/")
        raise UsageError(f"--delete removes branches here: git push {remote} --delete {branch}")
    Branch(repository, name).check_free()
    now = repository.git.ask("rev-parse", "--verify", "--quiet", f"refs/heads/{into}")
    if now is None or not repository.git.contains(now, tip):
        raise RepositoryError(f"{into} has moved, {name} stays: try again")
    repository.git.run("update-ref", "-d", ref, tip)
    print(f"removed {name}")
