"""Callbacks find the run under way, begin one where there is none, and end no training."""

import pickle

import pytest

import gitrack
from gitrack.interop.attach import Attachment, current_or_own, harmless, log_model


def test_the_run_under_way_is_taken_and_left_open(begin):
    run = begin()
    attached = Attachment(project="other")
    assert attached.run is run
    attached.finish()
    attached.release()
    assert run.recording
    assert not attached.owns


def test_a_run_that_is_given_comes_first(begin):
    given = begin()
    other = begin(reinit="create_new")
    attached = Attachment(given)
    assert attached.run is given
    attached.finish()
    assert given.recording
    given.finish()
    assert other.recording


def test_without_a_run_one_is_begun_and_ended(begin):
    attached = Attachment(project="own", name="first")
    assert attached.begun is None
    run = attached.run
    assert attached.run is run is gitrack.run
    assert attached.owns
    attached.finish()
    assert not run.recording
    loaded = gitrack.load(run.id)
    assert (loaded.run.project, loaded.run.name, loaded.run.state) == ("own", "first", "finished")


def test_a_released_run_goes_on_until_another_callback_wants_one(begin):
    first = Attachment(name="first")
    run = first.run
    first.release()
    run.log({"after": 1})
    assert first.run is run  # the one that began it may come back
    assert current_or_own().run is run  # and so may a call that belongs to it
    second = Attachment(name="second")
    assert second.run is not run
    assert not run.recording
    assert gitrack.load(run.id).summary == {"after": 1}
    second.finish()


def test_what_failed_is_recorded_as_failed(begin):
    attached = Attachment()
    run = attached.run
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        attached.fail()
    assert gitrack.load(run.id).run.error == "ZeroDivisionError: division by zero"


def test_a_callback_that_trains_twice_has_two_runs(begin):
    attached = Attachment()
    first = attached.run
    attached.finish()
    second = attached.run
    assert second is not first
    attached.finish()
    assert len(gitrack.runs()) == 2


def test_a_disabled_run_is_a_run(begin, monkeypatch):
    disabled = begin(mode="disabled")
    assert Attachment().run is disabled
    disabled.finish()
    monkeypatch.setenv("GITRACK_MODE", "disabled")
    attached = Attachment()
    assert attached.run.disabled
    assert attached.run is attached.run
    attached.finish()
    assert len(gitrack.runs()) == 0


def test_a_copy_in_another_process_leaves_the_run_behind(begin):
    attached = Attachment(name="kept")
    run = attached.run
    copy = pickle.loads(pickle.dumps(attached))  # noqa: S301
    assert copy.begun is None
    assert not copy.owns
    assert copy.run is run  # here it is the one under way
    attached.finish()


class Callback:
    @harmless
    def step(self, number):
        """Divide."""
        return 1 / number


def test_a_method_that_fails_warns_once_and_training_goes_on(begin, capsys):
    callback = Callback()
    assert callback.step(2) == 0.5
    assert callback.step(0) is None
    assert callback.step(0) is None
    assert capsys.readouterr().err.splitlines() == [
        "gitrack: Callback.step: ZeroDivisionError: division by zero"
    ]
    assert Callback.step.__doc__ == "Divide."


def test_an_interrupt_passes(begin):
    class Interrupted:
        @harmless
        def step(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Interrupted().step()


def test_a_folder_is_a_model_too(begin, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights.bin").write_bytes(b"1")
    run = begin()
    log_model(run, tmp_path / "model", aliases=["best"], metadata={"epoch": 3})
    log_model(run, tmp_path / "model" / "weights.bin", "other", inside="w.bin")
    with pytest.raises(ValueError, match="is no file"):
        log_model(run, tmp_path / "absent")
    run.finish()
    made = gitrack.artifact(f"model-{run.id}:best")
    assert (made.files(), made.metadata) == (["weights.bin"], {"epoch": 3})
    assert gitrack.artifact("other").files() == ["w.bin"]
