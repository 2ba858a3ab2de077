"""What happens in one clone: runs are recorded, edited, removed, sent and pulled."""

from gitrack.model.run import Run, State
from gitrack.store.branch import Branch
from gitrack.store.repository import Repository
from gitrack.store.schema import run_from_json, run_to_json, summary_to_json
from gitrack.store.sync import pull, push

MAIN = "experiments/main"
FEATURE = "experiments/feature/x"
DAY = "2025-11-24"
RUN = "import gitrack, sys\nwith gitrack.init(id=sys.argv[1]) as run: run.log({'a': 1})"


def record(folder, run_id, branch=MAIN, project="p", more=(), **facts):
    run = Run(run_id, project, facts.pop("name", run_id), State.FINISHED, 1_764_000_000.0, **facts)
    files = {"run.json": run_to_json(run, {"a": 1.0}), "metrics.json": summary_to_json({"a": 1.0})}
    place = f"{project}/runs/{DAY}/{run_id}"
    files = {f"{place}/{name}": content for name, content in {**files, **dict(more)}.items()}
    return Branch(Repository.around(folder), branch).add(files, f"Run {run_id}\n")


def edit(folder, run_id, branch=MAIN, **facts):
    """Record other facts of a run."""
    git = Repository.around(folder).git
    path = f"p/runs/{DAY}/{run_id}/run.json"
    run, _ = run_from_json(git.run("cat-file", "blob", f"{branch}:{path}"), path)
    values = {name: getattr(run, name) for name in run.__slots__}
    content = run_to_json(Run(**{**values, **facts}), {"a": 1.0})
    return Branch(Repository.around(folder), branch).add({path: content}, "Edit\n")


def remove(folder, run_id, branch=MAIN):
    git = Repository.around(folder).git
    paths = git.text("ls-tree", "-r", "--name-only", branch, "--", f"p/runs/{DAY}/{run_id}/")
    gone = dict.fromkeys(paths.splitlines())
    Branch(Repository.around(folder), branch).change(lambda _: gone, "Remove\n")


def read_run(folder, run_id, branch=MAIN):
    path = f"p/runs/{DAY}/{run_id}/run.json"
    content = Repository.around(folder).git.run("cat-file", "blob", f"{branch}:{path}")
    return run_from_json(content, path)[0]


def sent(folder, **options):
    return push(Repository.find(folder), **options)


def pulled(folder, source="origin", **options):
    return pull(Repository.find(folder), source, **options)
