"""Which runs made and used which versions of artifacts, told from the runs' own records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gitrack.model.artifact import ArtifactUse, Manifest
from gitrack.model.run import Run

_MANY = 20  # runs of one version that are drawn
_DEPTH = 12  # versions from the first to the last that is drawn


#: Runs by a version's id, and by what it is known by where its id gave way to an equal one's.
_Runs = dict[str | tuple[str, int, str], list[Run]]


@dataclass(frozen=True)
class Node:
    """
    A version or a run, and what follows from it in one direction.

    Attributes
    ----------
    label : str
        What people call it: ``model:v3``, or ``run calm-1``.
    inner : sequence of Node
        What it was made from, or what was made with it.
    """

    label: str
    inner: Sequence["Node"] = field(default=())


class Lineage:
    """
    What runs tell of artifacts.

    Parameters
    ----------
    runs : iterable of Run
        The recorded runs, oldest first.
    """

    def __init__(self, runs: Iterable[Run]) -> None:
        self._runs: dict[str, Run] = {}
        self._users: _Runs = {}
        self._makers: _Runs = {}
        for run in runs:
            self._runs[run.id] = run
            for one in run.artifacts:
                which = self._makers if one.use == "output" else self._users
                for key in (one.id, (one.name, one.version, one.digest)):
                    which.setdefault(key, []).append(run)

    def made_by(self, manifest: Manifest) -> Run | None:
        """Return the run that first logged a version; None where its record is not here."""
        return self._runs.get(manifest.made_by or "")

    def used_by(self, manifest: Manifest) -> list[Run]:
        """Return the runs that used a version, oldest first."""
        return _of(manifest, self._users)

    def sources(self, manifest: Manifest) -> list[Node]:
        """Return the runs that made a version, and what they used, and so on."""
        return self._drawn(_of(manifest, self._makers), self._makers, {manifest.id}, 0)

    def results(self, manifest: Manifest) -> list[Node]:
        """Return the runs that used a version, and what they made, and so on."""
        return self._drawn(_of(manifest, self._users), self._users, {manifest.id}, 0)

    def _drawn(self, runs: Sequence[Run], which: _Runs, seen: set[str], depth: int) -> list[Node]:
        use = "input" if which is self._makers else "output"
        found = []
        for run in runs[:_MANY]:
            inner = [one for one in run.artifacts if one.use == use]
            found.append(Node(_called(run), self._versions(inner, which, seen, depth)))
        if len(runs) > _MANY:
            found.append(Node(f"and {len(runs) - _MANY} more runs"))
        return found

    def _versions(
        self, uses: Sequence[ArtifactUse], which: _Runs, seen: set[str], depth: int
    ) -> list[Node]:
        """Go on from versions, from each once: a run may use what it made itself."""
        found = []
        for one in uses:
            label = f"{one.name.rpartition('/')[2]}:v{one.version}"
            if one.id in seen:
                found.append(Node(f"{label} (see above)"))
            elif depth == _DEPTH:
                found.append(Node(f"{label} …"))
            else:
                seen.add(one.id)
                found.append(
                    Node(label, self._drawn(which.get(one.id, []), which, seen, depth + 1))
                )
        return found


def _of(manifest: Manifest, which: _Runs) -> list[Run]:
    keys = (manifest.id, (manifest.full_name, manifest.version, manifest.digest))
    return list({run.id: run for key in keys for run in which.get(key, ())}.values())


def draw(nodes: Sequence[Node]) -> list[str]:
    """
    Draw nodes as the lines of a tree.

    Examples
    --------
    >>> for line in draw([Node("run a", [Node("x:v0"), Node("y:v1")])]):
    ...     print(line)
    └─ run a
       ├─ x:v0
       └─ y:v1
    """
    lines = []
    for place, node in enumerate(nodes, 1):
        last = place == len(nodes)
        lines.append(f"{'└─' if last else '├─'} {node.label}")
        lines += [f"{'   ' if last else '│  '}{line}" for line in draw(node.inner)]
    return lines


def _called(run: Run) -> str:
    job = f", {run.job_type}" if run.job_type else ""
    return f"run {run.name} ({run.id}{job})"
