"""Records made by hand, for what needs no repository."""

import pytest

from gitrack.model.run import Code, Host, Record, Run, State


@pytest.fixture
def make_record():
    """Give a function that makes a record: ``make_record(config={...}, id="a", …)``."""

    def make(*, config=None, summary=None, code=None, host=None, **fields):
        fields = {"id": "run-1", "project": "digits", "name": "fox", "created": 0.0} | fields
        fields["state"] = State(fields.get("state", "finished"))
        run = Run(**fields, code=Code(**(code or {})), host=Host(**(host or {})))
        path = f"{run.project}/runs/{run.day}/{run.id}"
        return Record(run, config or {}, summary or {}, "experiments/main", path, {})

    return make
