import math

from gitrack.analysis.frame import runs_frame


def test_a_row_a_run_with_settings_and_results(make_record):
    frame = runs_frame(
        [
            make_record(
                id="a", created=86400.0, config={"model": {"depth": 2}}, summary={"acc": 0.5}
            ),
            make_record(id="b", config={"lr": 0.1, "sizes": [1, 2]}, code={"branch": "main"}),
        ]
    )
    assert " ".join(frame.columns) == (
        "id name project state created duration group job_type tags branch commit "
        "entity notes dirty host error rows archived "
        "config.lr config.model.depth config.sizes summary.acc"
    )
    assert list(frame["id"]) == ["a", "b"]
    assert list(frame.index) == [0, 1]
    assert str(frame["created"][0]) == "1970-01-02 00:00:00+00:00"
    assert frame["config.model.depth"][0] == 2
    assert math.isnan(frame["config.model.depth"][1])
    assert frame["config.sizes"][1] == "[1, 2]"
    assert frame["branch"][1] == "main"


def test_without_runs_the_columns_stand_all_the_same():
    frame = runs_frame([])
    assert len(frame) == 0
    assert frame["created"].dtype.tz is not None
    assert frame["duration"].dtype == "float64"
