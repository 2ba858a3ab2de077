from gitrack.model.run import Run, State


def test_the_day_of_a_run_is_the_utc_day():
    run = Run("r", "p", "n", State.FINISHED, created=86_399.9)
    assert run.day == "1970-01-01"
    assert Run("r", "p", "n", State.FINISHED, created=86_400.0).day == "1970-01-02"


def test_states_are_plain_words():
    assert [str(state) for state in State] == [
        "running",
        "finished",
        "failed",
        "stopped",
        "crashed",
    ]
