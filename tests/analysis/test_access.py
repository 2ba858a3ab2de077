import math

import pandas as pd
import pytest

import gitrack
from gitrack.errors import QueryError, RepositoryError, RunNotFoundError


def test_a_missing_value_is_not_a_logged_nan(begin):
    with begin() as run:
        run.log({"a": math.nan, "n": 1, "big": 2**63, "s": "x", "b": True, "mixed": 1})
        run.log({"a": 2.0, "f": 1.5, "mixed": "one"})
        run.log({"n": 3})
    history = gitrack.load(run.id).history()
    assert list(history.columns[:3]) == ["_step", "_runtime", "_timestamp"]
    assert history["_step"].dtype == "int64"
    first, second, third = history["a"].tolist()
    assert first is not pd.NA
    assert math.isnan(first)
    assert second == 2.0
    assert third is pd.NA
    assert history["n"].tolist() == [1, pd.NA, 3]
    assert history["big"][0] == 2**63
    assert history["s"].tolist() == ["x", pd.NA, pd.NA]
    assert history["b"].tolist() == [True, pd.NA, pd.NA]
    assert history["mixed"].tolist() == [1, "one", None]
    assert history["n"].sum() == 4


def test_full_columns_are_plain_numbers(begin):
    with begin() as run:
        for n in range(3):
            run.log({"loss": n / 3, "n": n, "even": n % 2 == 0})
    history = gitrack.load(run.id).history()
    assert [str(history[c].dtype) for c in ("loss", "n", "even")] == ["float64", "int64", "bool"]


def test_runs_are_a_table_that_a_query_narrows(begin):
    for lr in (0.1, 0.01):
        with begin(project="p", config={"lr": lr}, tags=["t"]) as run:
            run.log({"loss": lr})
    frame = gitrack.runs()
    assert frame["config.lr"].tolist() == [0.1, 0.01]
    assert frame["summary.loss"].tolist() == [0.1, 0.01]
    assert frame["created"].is_monotonic_increasing
    assert len(gitrack.runs("lr<0.05 tag:t")) == 1
    with pytest.raises(QueryError):
        gitrack.runs("lr<")
    assert gitrack.load(run.name).id == run.id


def test_a_run_that_is_not_there_is_named(repository):
    with pytest.raises(RunNotFoundError, match="no run 'nothing'"):
        gitrack.load("nothing")


def test_a_broken_repository_is_named(repository):
    (repository / ".git" / "HEAD").write_text("nonsense")
    with pytest.raises(RepositoryError):
        gitrack.runs()


def test_a_run_without_rows_has_an_empty_history(begin):
    with begin() as run:
        pass
    assert gitrack.load(run.id).history().shape == (0, 3)
