"""The browser reads a search line as Python does, over the index that the builder writes."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from gitrack.model.run import Code, Host, Record, Run, State
from gitrack.publish.index import index_script
from gitrack.publish.plan import Project
from gitrack.publish.shards import Chunk, ProjectData
from gitrack.resources import data_dir

CASES = json.loads(
    (Path(__file__).parents[1] / "site" / "query_cases.json").read_text("utf-8"),
    object_hook=lambda found: float(found["float"]) if found.keys() == {"float"} else found,
)
PROGRAM = """
const fs = require('fs');
const [folder, index, cases] = process.argv.slice(1);
const run = (path) => (0, eval)(fs.readFileSync(path, 'utf8'));
for (const name of ['packed.js', 'nearest.js', 'query.js']) run(`${folder}/${name}`);
gitrack.put = (found) => { gitrack.index = found; };
run(index);
gitrack.unpackIndex(gitrack.index);
const {ids, lines} = JSON.parse(fs.readFileSync(cases, 'utf8'));
console.log(JSON.stringify(lines.map((line) => {
  const {match, errors} = gitrack.query.compile(line, gitrack.index);
  return {tokens: errors.map((error) => error.token), ids: ids.filter((_, i) => match(i))};
})));
"""


def record(case):
    run = dict(case["run"])
    run |= {"state": State(run["state"]), "code": Code(**run["code"]), "host": Host(**run["host"])}
    return Record(Run(**run), case["config"], case["summary"], "experiments/main", "", {})


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_browser_keeps_the_same_runs_and_finds_the_same_errors(tmp_path):
    records = [record(case) for case in CASES["records"]]
    project = Project("digits", records)
    nothing = Chunk(0, len(records), "", [[]] * len(records), {}, "")
    data = ProjectData([nothing], lambda _: [{}] * len(records))
    (tmp_path / "index.js").write_bytes(index_script(project, data))
    lines = [case["query"] for case in (*CASES["cases"], *CASES["errors"])]
    ids = [one.run.id for one in records]
    (tmp_path / "cases.json").write_text(json.dumps({"ids": ids, "lines": lines}))
    scripts = data_dir("site") / "docs" / "assets" / "gitrack"
    said = subprocess.run(
        ["node", "-e", PROGRAM, scripts, tmp_path / "index.js", tmp_path / "cases.json"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = dict(zip(lines, json.loads(said.stdout), strict=True))
    wrong = {
        case["query"]: found[case["query"]]
        for case in CASES["cases"]
        if found[case["query"]] != {"tokens": [], "ids": case["ids"]}
    }
    assert wrong == {}
    assert {
        case["query"]: found[case["query"]]["tokens"]
        for case in CASES["errors"]
        if found[case["query"]]["tokens"] != [case["token"]]
    } == {}
