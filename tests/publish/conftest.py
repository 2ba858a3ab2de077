"""A real repository with real records, quick to fill."""

import base64
import json
import os
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from gitrack.model.run import Code, Host, Run, State
from gitrack.publish.build import build
from gitrack.publish.output import Output
from gitrack.publish.plan import plan_site
from gitrack.publish.shards import ShardWriter
from gitrack.publish.site import Site
from gitrack.store.branch import Branch
from gitrack.store.history import table_to_bytes
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository
from gitrack.store.schema import config_to_yaml, run_to_json, summary_to_json

BEGIN = 1_795_000_000.0
COMMIT = "4f2c9e1a81d03c4f2c9e1a81d03c4f2c9e1a81d0"


class Lab:
    """A repository that runs are put into, and the sites that are built of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "lab"
        self.out = folder / "site"
        subprocess.run(["git", "init", "-q", "-b", "main", self.folder], check=True)
        self.repository = Repository.find(self.folder)
        self.runs = 0

    def add(self, *, metrics=None, config=None, summary=None, branch="main", files=None, **fields):
        """Record a run: `metrics` are columns by name, one value a step."""
        created = BEGIN + 60 * self.runs
        defaults = {"id": f"run-{self.runs:03d}", "project": "digits", "name": f"fox {self.runs}"}
        defaults |= {"state": State.FINISHED, "created": created, "ended": created + 5.5}
        defaults |= {"duration": 5.5, "code": Code(COMMIT, "main", dirty=False), "host": Host()}
        run = Run(**(defaults | fields))
        contents = {
            "run.json": run_to_json(run, summary or {}),
            "params.yaml": config_to_yaml(config or {}),
            "metrics.json": summary_to_json(summary or {}),
        }
        if metrics is not None:
            contents["history.parquet"] = table_to_bytes(history(metrics, created))
        contents |= files or {}
        place = f"{run.project}/runs/{run.day}/{run.id}/"
        paths = {place + name: content for name, content in contents.items()}
        Branch(self.repository, f"experiments/{branch}").add(paths, f"Run {run.id}")
        self.runs += 1
        return run

    def build(self, out=None):
        return build(self.repository, out or self.out)

    def gather(self):
        """Write the data scripts of the site, and no page."""
        with Output(self.out) as output:
            reader = Reader(self.repository)
            writer = ShardWriter(reader, output)
            site = Site.gather(plan_site(reader), writer)
            writer.cache.save()
            writer.cache.close()
        return site

    def put(self, place):
        """Read what a data script puts."""
        text = self.page(place)
        return json.loads(text[len("gitrack.put(") : -len(");\n")])

    def page(self, path: str) -> str:
        return (self.out / path).read_text("utf-8")


def history(metrics, created=BEGIN):
    """Make a history table of columns by name."""
    columns = {name: pa.array(values) for name, values in metrics.items()}
    steps = np.arange(max(map(len, columns.values()), default=0))
    times = {"_runtime": pa.array(steps * 0.5), "_timestamp": pa.array(created + steps * 0.5)}
    return pa.table({"_step": pa.array(steps, pa.int64()), **times, **columns})


def tree(folder: Path) -> dict[str, bytes]:
    """Read every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def lab(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith("GIT_") or name == "SOURCE_DATE_EPOCH":
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Ada")
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "ada@example.org")
    return Lab(tmp_path)


@pytest.fixture
def make_history():
    return history


@pytest.fixture
def read_tree():
    return tree


@pytest.fixture
def read_script():
    """Give a function that reads what a data script puts."""
    import json

    def read(content: bytes):
        text = content.decode("ascii")
        assert text.startswith("gitrack.put(")
        assert text.endswith(");\n")
        return json.loads(text[len("gitrack.put(") : -len(");\n")])

    return read


@pytest.fixture
def media_run(lab, read_script):
    """Record a run of media lines and files, and give its sections by name, with their scripts."""
    import json

    from gitrack.publish.cache import Cache
    from gitrack.publish.output import Output
    from gitrack.publish.sections.page import SectionWriter
    from gitrack.store.reader import Reader

    def script(place):
        return read_script((lab.out / place).read_bytes())

    def make(lines, files, *, damaged=0):
        where = {"key": "t", "runtime": 0.0, "timestamp": 0.0}
        listed = [where | {"step": step} | line for step, line in enumerate(lines)]
        texts = "".join(f"{json.dumps(line)}\n" for line in listed)
        run = lab.add(files={"media.jsonl": texts.encode(), **files})
        reader = Reader(lab.repository)
        cache = Cache(lab.folder / "cache.db")
        with Output(lab.out) as output:
            writer = SectionWriter(reader, output, cache)
            (sections,) = writer.write([one for one in reader.records() if one.run.id == run.id])
        cache.save()
        cache.close()
        assert len(writer.damaged) == damaged
        return {section.name: (section, script(section.script)) for section in sections}

    make.script = script
    return make


@pytest.fixture
def made(repository, python, clean, read_script):
    """Run a script, and return its sections by name with what their scripts put."""
    from gitrack.publish.cache import Cache
    from gitrack.publish.output import Output
    from gitrack.publish.sections.page import SectionWriter
    from gitrack.store.reader import Reader

    def make(source):
        python(source, cwd=repository)
        reader = Reader(Repository.around(repository))
        cache = Cache(clean / "site.db")
        with Output(clean / "site") as output:
            writer = SectionWriter(reader, output, cache)
            (sections,) = writer.write(reader.records())
        cache.close()
        assert writer.damaged == []
        return {
            section.name: (section, read_script((clean / "site" / section.script).read_bytes()))
            for section in sections
        }

    return make


@pytest.fixture
def put(clean, read_script):
    """Read what a data script of the site that `made` writes puts, by the script's place."""
    return lambda place: read_script((clean / "site" / place).read_bytes())


@pytest.fixture
def unpacked():
    """Read a packed array back, flat."""

    def read(packed):
        raw = zlib.decompress(base64.b64decode(packed["z"]), -zlib.MAX_WBITS)
        kind = np.dtype(f"<{packed['t']}")
        planes = np.frombuffer(raw, np.uint8).reshape(kind.itemsize, -1)
        return np.ascontiguousarray(planes.T).view(kind).ravel()

    return read
