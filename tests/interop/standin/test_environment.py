"""What ``WANDB_…`` variables and ``wandb.Settings`` say is what is recorded."""

import pytest

import gitrack
from gitrack.interop.standin.environment import arguments_from, settings_from, translated
from gitrack.interop.standin.settings import Settings

SIMPLE = "import wandb\nwandb.init(config={'a': 1})\nwandb.log({'loss': 1})\nprint('said')\n"
ALL = {
    "WANDB_PROJECT": "from env",
    "WANDB_ENTITY": "lab",
    "WANDB_NAME": "named",
    "WANDB_NOTES": "why",
    "WANDB_RUN_GROUP": "folds",
    "WANDB_JOB_TYPE": "train",
    "WANDB_TAGS": "a, b,,",
    "WANDB_RUN_ID": "my id/1",
    "WANDB_RESUME": "allow",
    "WANDB_API_KEY": "x" * 40,
    "WANDB_BASE_URL": "https://wandb.example.org",
    "WANDB_START_METHOD": "thread",
}


def test_every_variable_reaches_the_record(under_exec, only_run):
    under_exec(SIMPLE, **ALL)
    run = only_run()
    assert run.id == "my-id-1"
    found = run.run
    assert (found.project, found.entity, found.name) == ("from-env", "lab", "named")
    assert (found.notes, found.group, found.job_type) == ("why", "folds", "train")
    assert found.tags == ("a", "b")
    assert ALL["WANDB_API_KEY"].encode() not in run.read("run.json")


def test_the_script_counts_for_more_than_variables_and_gitracks_own_for_more_than_wandbs(
    under_exec, only_run
):
    source = "import wandb\nwandb.init(name='script', settings=wandb.Settings(run_group='s'))\n"
    under_exec(source, **ALL, GITRACK_JOB_TYPE="own", GITRACK_PROJECT="mine")
    run = only_run().run
    assert (run.name, run.group, run.job_type, run.project) == ("script", "s", "own", "mine")


def test_variables_set_by_the_script_itself_count(under_exec, only_run):
    under_exec(
        "import os, wandb\nos.environ['WANDB_PROJECT'] = 'late'\nos.environ['WANDB_SILENT'] = '1'\n"
        "wandb.init()\n"
    )
    assert only_run().run.project == "late"


@pytest.mark.parametrize("mode", ["online", "offline", "dryrun", "run"])
def test_no_mode_of_wandbs_pushes(under_exec, repository, clean, git, mode):
    git(clean, "init", "-q", "--bare", "remote.git")
    git(repository, "remote", "add", "origin", str(clean / "remote.git"))
    under_exec(SIMPLE, WANDB_MODE=mode)
    assert len(gitrack.runs()) == 1
    assert not (repository / ".git" / "gitrack" / "push.wanted").exists()
    assert git(clean / "remote.git", "for-each-ref") == ""


def test_silence_console_and_code_are_as_asked_for(under_exec, only_run):
    done = under_exec(SIMPLE, WANDB_SILENT="true", WANDB_CONSOLE="off", WANDB_DISABLE_GIT="true")
    assert done.said == []
    run = only_run()
    assert "console.log" not in run.files()
    assert (run.run.code.commit, run.run.code.snapshot) == (None, None)


def test_code_that_is_not_to_leave_stays(under_exec, only_run, repository):
    (repository / "train.py").write_text("secret = 1\n")
    under_exec(SIMPLE, WANDB_DISABLE_CODE="true")
    run = only_run()
    assert run.run.code.commit is not None
    assert run.run.code.snapshot is None
    assert "code.patch" not in run.files()


def test_save_code_keeps_it(under_exec, only_run):
    under_exec("import wandb\nwandb.init(save_code=True)\n")
    assert "code/train.py" in only_run().files()


def test_files_of_settings_stand_beneath_the_scripts(under_exec, only_run, repository):
    (repository / "config-defaults.yaml").write_text("a: {value: 9}\nb: {desc: x, value: 2}\n")
    (repository / "more.yaml").write_text("c: 3\n")
    under_exec(SIMPLE, WANDB_CONFIG_PATHS="more.yaml,none.yaml")
    assert only_run().config == {"a": 1, "b": 2, "c": 3}


def test_settings_take_any_keyword():
    settings = Settings(start_method="fork", x_disable_stats=True, run_name="n", console="wrap")
    assert settings.start_method == "fork"
    assert settings.no_such_setting is None
    assert settings.arguments() == {"name": "n"}
    assert translated(settings.to_dict()) == {"console": "wrap", "system_period": 0.0}
    assert Settings.of({"silent": True}).to_dict() == {"silent": True}
    assert Settings.of(None).to_dict() == {}


@pytest.mark.parametrize(
    ("text", "meant"), [("allow", "allow"), ("true", "auto"), ("must", "must"), ("FALSE", None)]
)
def test_resume_is_read_as_wandb_reads_it(text, meant):
    assert arguments_from({"WANDB_RESUME": text}) == {"resume": meant}


def test_gitracks_own_settings_are_left_alone():
    environ = {"WANDB_SILENT": "true", "GITRACK_SILENT": "false", "WANDB_CONSOLE": "redirect"}
    assert settings_from(environ) == {"console": "redirect"}
