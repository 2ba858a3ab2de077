import argparse
import copy
import dataclasses
import math
import pickle

import pytest

import gitrack
from gitrack.record.session import session


@dataclasses.dataclass
class Options:
    lr: float = 0.1
    layers: tuple = (1, 2)


def test_a_run_is_recorded_with_all_that_init_was_told(begin, repository, git):
    with begin(
        project="seg",
        entity="us",
        config={"lr": 0.1, "model": {"depth": 2}},
        name="first",
        id="r-1",
        group="g",
        job_type="train",
        tags=["a", "b", "a"],
        notes="note\nmore",
    ) as run:
        assert (run.project, run.entity, run.name, run.id) == ("seg", "us", "first", "r-1")
        assert (run.group, run.job_type, run.tags, run.notes) == (
            "g", "train", ("a", "b"), "note\nmore",
        )  # fmt: skip
        run.log({"loss": 1})
    loaded = gitrack.load("r-1")
    record = loaded.run
    assert (record.project, record.entity, record.name) == ("seg", "us", "first")
    assert (record.group, record.job_type, record.notes) == ("g", "train", "note\nmore")
    assert record.tags == ("a", "b")
    assert (record.state, record.exit_code, record.error) == ("finished", 0, None)
    assert loaded.config == {"lr": 0.1, "model": {"depth": 2}}
    assert record.code.commit == git(repository, "rev-parse", "HEAD")
    assert (record.code.branch, record.code.dirty) == ("main", False)
    assert record.duration <= record.ended - record.created + 1
    assert record.host.cores
    assert record.python
    assert record.recorder.startswith("gitrack ")
    assert record.missing == ()
    assert any(
        line.startswith("numpy==") for line in loaded.read("requirements.txt").decode().split()
    )
    assert set(loaded.files()) == {
        "history.parquet", "metrics.json", "params.yaml", "requirements.txt", "run.json",
        "system.parquet",
    }  # fmt: skip
    with pytest.raises(FileNotFoundError):
        loaded.read("nothing")


def test_config_is_read_and_written_by_attribute_and_item(begin):
    with begin(config={"lr": 0.1, "items": 3}) as run:
        assert (run.config.lr, run.config["lr"]) == (0.1, 0.1)
        run.config.lr = 0.2
        run.config["batch"] = 8
        run.config.update({"a": 1}, b=2)
        run.config.update({"a": 5}, allow_val_change=True)
        run.config.setdefaults({"a": 9, "c": 3})
        del run.config["b"]
        run.config.layers = (1, {"x": {3}})
        assert run.config.layers == (1, {"x": {3}})  # as the script wrote it
        assert "b" not in run.config
        assert run.config.as_dict()["c"] == 3
        assert run.config["items"] == 3
        with pytest.raises(AttributeError, match="no key 'nothing'"):
            _ = run.config.nothing
        with pytest.raises(KeyError):
            _ = run.config["nothing"]
    assert gitrack.load(run.id).config == {
        "lr": 0.2, "items": 3, "batch": 8, "a": 5, "layers": [1, {"x": [3]}], "c": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("config", "kept"),
    [
        (argparse.Namespace(lr=1), {"lr": 1}),
        (Options(), {"lr": 0.1, "layers": [1, 2]}),
        ({1: "a", None: "b"}, {"1": "a", "None": "b"}),
        ({"1e-3": "1e-3", "yes": "no", "n": None}, {"1e-3": "1e-3", "yes": "no", "n": None}),
        ({}, {}),
    ],
)
def test_a_config_comes_in_many_kinds(begin, config, kept):
    with begin(config=config) as run:
        pass
    assert gitrack.load(run.id).config == kept


@pytest.mark.parametrize("config", ["file", 5, [1], Options])
def test_a_config_that_is_none_is_said_and_the_script_goes_on(begin, capsys, config):
    with begin(config=config) as run:
        run.log({"a": 1})
    assert "the config is not recorded" in capsys.readouterr().err
    assert gitrack.load(run.id).config == {}


def test_nan_and_large_numbers_in_a_config_stay(begin):
    config = {"nan": math.nan, "inf": -math.inf, "big": 10**30, "small": 1e-300, "f": 3.0}
    with begin(config=config) as run:
        pass
    found = gitrack.load(run.id).config
    assert math.isnan(found.pop("nan"))
    config.pop("nan")
    assert found == config
    assert isinstance(found["f"], float)


def test_the_module_speaks_of_the_current_run(begin, monkeypatch):
    assert gitrack.run is None
    gitrack.config.early = 1  # before init: the next run takes it over
    run = begin(config={"lr": 2})
    assert gitrack.run is run
    assert gitrack.config.as_dict() == {"early": 1, "lr": 2}
    gitrack.log({"loss": 3})
    assert gitrack.summary.loss == 3
    gitrack.finish(quiet=True)
    assert gitrack.run is run
    assert run.state == "finished"
    assert gitrack.load(run.id).config == {"early": 1, "lr": 2}


def test_log_before_init_is_said(begin, capsys):
    gitrack.log({"a": 1})
    gitrack.finish()
    assert "log() before init()" in capsys.readouterr().err


def test_name_notes_and_tags_can_be_changed(begin):
    with begin(name="one", tags="solo") as run:
        assert run.tags == ("solo",)
        run.name, run.notes, run.tags = "two", "new", ["x", 5]
        assert (run.name, run.notes, run.tags) == ("two", "new", ("x", "5"))
        run.notes = None
    record = gitrack.load(run.id).run
    assert (record.name, record.notes, record.tags) == ("two", None, ("x", "5"))


def test_a_second_init_finishes_the_first(begin, capsys):
    first = begin()
    first.log({"a": 1})
    second = begin()
    assert first.state == "finished"
    assert "the run before is finished first" in capsys.readouterr().err
    second.finish()
    assert len(gitrack.runs()) == 2


def test_what_comes_after_the_end_is_said_and_changes_nothing(begin, capsys):
    with begin() as run:
        run.log({"a": 1})
    run.log({"a": 2})
    run.config.x = 1
    run.name = "new"
    run.finish()
    run.finish(exit_code=1)
    loaded = gitrack.load(run.id)
    assert (loaded.run.rows, loaded.config, loaded.run.state) == (1, {}, "finished")
    said = capsys.readouterr().err
    assert "log() after finish() is not recorded" in said
    assert "a change after finish() is not recorded" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"id": "../evil"}, "run id '../evil' is refused"),
        ({"id": 5}, "run id 5 is refused"),
        ({"branch": "a..b"}, "branch 'a..b' is refused"),
        ({"branch": "x" * 4096}, "is refused"),
        ({"mode": "loud"}, "mode 'loud' is not one of"),
        ({"mode": []}, "mode [] is not one of"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named_and_replaced(begin, capsys, arguments, said):
    with begin(**arguments) as run:
        run.log({"a": 1})
    assert said in capsys.readouterr().err
    assert gitrack.load(run.id).run.rows == 1


class Rude:
    def refuse(self):
        raise RuntimeError("no")

    __str__ = __repr__ = refuse


HOSTILE = ["<script>alert(1)</script>", "../../x", "a\nb\r\n\nRun-Id: fake", "🎉", "nul\0byte",
           "x" * 4096, "CON", "\ud800", "\x1b[31m", Rude(), 5, b"raw", ["list"]]  # fmt: skip


@pytest.mark.parametrize("word", HOSTILE, ids=range(len(HOSTILE)))
def test_any_word_can_name_a_run_and_its_surroundings(begin, repository, git, word, capsys):
    with begin(project=word, entity=word, name=word, group=word, job_type=word, notes=word,
               tags=[word], config={"k": word}) as run:  # fmt: skip
        run.log({"loss": 1.0, "word": word if isinstance(word, str) else "w"})
    record = gitrack.load(run.id).run
    if isinstance(word, str) and word != "\ud800":
        assert (record.name, record.notes, record.tags) == (word, word, (word,))
        assert gitrack.load(run.id).config == {"k": word}
    message = git(repository, "log", "-1", "--format=%B", "experiments/main").splitlines()
    assert len(message) == 4
    assert message[2] == f"Run-Id: {run.id}"
    git(repository, "fsck", "--strict")
    assert all(line.startswith("gitrack: ") for line in capsys.readouterr().err.splitlines())


@pytest.mark.parametrize("where", ["\0", 5, "no/such/folder"])
def test_a_folder_that_is_none_does_not_end_the_script(begin, where):
    with begin(dir=where) as run:
        run.log({"a": 1})


def test_tags_of_any_kind_do_not_end_the_script(begin):
    for tags in (5, None, (), {"a"}, "one", [None]):
        with begin(tags=tags) as run:
            pass
        assert gitrack.load(run.id).run.tags == run.tags


def test_an_id_used_twice_becomes_two_runs(begin):
    for value in (1, 2, 3):
        with begin(id="same", config={"n": value}) as run:
            run.log({"a": value})
    with begin(id="same", branch="elsewhere", config={"n": 4}):
        pass
    assert {r: gitrack.load(r).config["n"] for r in gitrack.runs()["id"]} == {
        "same": 1, "same-2": 2, "same-3": 3, "same-4": 4,
    }  # fmt: skip


def test_disabled_is_silent_and_writes_nothing(begin, repository, capsys):
    run = begin(mode="disabled", config={"lr": 1})
    gitrack.log({"loss": 1.5, "deep": {"x": 2}})
    run.name = "n"
    assert (gitrack.config.lr, gitrack.summary["loss"], gitrack.summary["deep/x"]) == (1, 1.5, 2)
    assert (run.step, run.name) == (1, "n")
    gitrack.finish()
    assert run.state == "finished"
    assert capsys.readouterr().err == ""
    assert not (repository / ".git" / "gitrack").exists()
    assert len(gitrack.runs()) == 0


def test_settings_of_the_repository_and_the_environment_are_used(begin, repository, monkeypatch):
    (repository / "gitrack.toml").write_text('project = "p"\nentity = "e"\nbranch = "lab"\n')
    with begin() as run:
        pass
    assert (run.project, run.entity) == ("p", "e")
    assert gitrack.load(run.id)._record.branch == "experiments/lab"
    monkeypatch.setenv("GITRACK_PROJECT", "other")
    monkeypatch.setenv("GITRACK_BRANCH", "ours")
    with begin(entity="me") as run:
        pass
    assert (run.project, run.entity) == ("other", "me")
    assert gitrack.load(run.id)._record.branch == "experiments/ours"
    monkeypatch.setenv("GITRACK_MODE", "disabled")
    assert begin().disabled
    assert not begin(mode="offline").disabled


def test_a_broken_settings_file_is_said_and_the_environment_still_counts(
    begin, repository, monkeypatch, capsys
):
    (repository / "gitrack.toml").write_text("project = [")
    monkeypatch.setenv("GITRACK_PROJECT", "env")
    with begin() as run:
        run.log({"a": 1})
    assert gitrack.load(run.id).run.project == "env"
    assert capsys.readouterr().err.count("gitrack.toml") == 1


def test_finish_with_a_code_is_a_failure(begin):
    run = begin()
    session.run.finish(exit_code=3)
    record = gitrack.load(run.id).run
    assert (record.state, record.exit_code) == ("failed", 3)


def test_leaving_the_with_by_an_exception_is_a_failure(begin):
    with pytest.raises(ZeroDivisionError), begin() as run:
        run.log({"a": 1 / 0})
    record = gitrack.load(run.id).run
    assert (record.state, record.exit_code) == ("failed", 1)
    assert record.error == "ZeroDivisionError: division by zero"


def test_a_run_says_who_it_is(begin):
    with begin(id="r", name="fox") as run:
        assert repr(run) == "<Run r 'fox' running>"
    assert repr(gitrack.load("r")) == "<LoadedRun r 'fox' finished>"


def test_a_nested_summary_is_read_and_changed_as_nested(begin):
    with begin() as run:
        run.summary["best"] = {"acc": 0.5, "at": {"step": 3}}
        run.log({"val": {"loss": 1.0}})
        assert run.summary["val"]["loss"] == 1.0
        assert run.summary.get("best") == {"acc": 0.5, "at": {"step": 3}}
        assert "best" in run.summary
        run.summary["best"]["acc"] = 0.75
        run.summary["best"]["at"].update(step=4)
        del run.summary["val"]["loss"]
        assert "val" not in run.summary
        with pytest.raises(KeyError):
            run.summary["worst"]
    assert gitrack.load(run.id).summary == {"best/acc": 0.75, "best/at/step": 4}


def test_a_config_is_copied_without_its_run(begin):
    run = begin(config={"lr": 0.1, "net": {"width": 3}})
    for other in (
        copy.copy(run.config),
        copy.deepcopy(run.config),
        pickle.loads(pickle.dumps(run.config)),  # noqa: S301
    ):
        assert other == run.config
        other.lr = 7
    run.finish()
    assert gitrack.load(run.id).config == {"lr": 0.1, "net": {"width": 3}}


def test_settings_hold_for_one_run_alone(begin, capsys):
    quiet = begin(settings={"silent": True, "code": "off", "sweep": "s1", "no such": 1, "ranks": 3})
    quiet.finish()
    said = capsys.readouterr().err
    assert "there is no setting 'no such'" in said
    assert "settings: ranks: expected" in said
    assert "rows on" not in said
    loaded = gitrack.load(quiet.id)
    assert (loaded.run.code.commit, loaded.run.sweep) == (None, "s1")
    begin(settings=object()).finish()
    assert "rows on" in capsys.readouterr().err
