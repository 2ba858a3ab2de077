import pytest

import gitrack
from gitrack.errors import ConfigError
from gitrack.settings import Settings, ci_branch, read_settings, user_store


def test_without_a_file_the_defaults_hold(tmp_path):
    assert read_settings(tmp_path, {}) == Settings()
    assert read_settings(None, {}) == Settings()


def test_the_file_is_read_and_the_environment_wins(tmp_path):
    (tmp_path / "gitrack.toml").write_text(
        'project = "seg"\nbranch = "lab"\nmode = "offline"\n[site]\ntitle = "ours"\n'
    )
    settings = read_settings(tmp_path, {"GITRACK_PROJECT": "other", "GITRACK_ENTITY": ""})
    assert settings == Settings("other", mode="offline", branch="experiments/lab")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("project = ", "gitrack.toml"),
        ("project = 3", "project: expected text"),
        ('mode = "loud"', "mode: expected one of online, offline, disabled"),
        ('branch = "a..b"', "branch"),
        ("\0", "gitrack.toml"),
    ],
)
def test_a_broken_file_is_named_with_its_reason(tmp_path, text, words):
    (tmp_path / "gitrack.toml").write_text(text)
    with pytest.raises(ConfigError, match=words) as caught:
        read_settings(tmp_path, {})
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "gitrack.toml").write_bytes(b"project = '\xff'")
    with pytest.raises(ConfigError, match=r"gitrack\.toml"):
        read_settings(tmp_path, {})


def test_a_bad_variable_is_named_by_its_own_name():
    with pytest.raises(ConfigError, match="GITRACK_MODE"):
        read_settings(None, {"GITRACK_MODE": "loud"})


@pytest.mark.parametrize(
    ("environ", "branch"),
    [
        ({}, None),
        ({"GITHUB_HEAD_REF": "feature/x", "GITHUB_REF_NAME": "7/merge"}, "feature/x"),
        ({"GITHUB_REF_TYPE": "branch", "GITHUB_REF_NAME": "main"}, "main"),
        ({"GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v1"}, None),
        ({"CI_COMMIT_BRANCH": "dev"}, "dev"),
    ],
)
def test_ci_says_which_branch_it_checked_out(environ, branch):
    assert ci_branch(environ) == branch


def test_the_own_store_lies_where_the_environment_says(clean):
    assert user_store() == clean / "own" / "store.git"


def test_a_relative_store_is_below_the_folder_where_the_script_stands(clean, monkeypatch, python):
    monkeypatch.chdir(clean)
    monkeypatch.setenv("GITRACK_HOME", "near")
    assert user_store() == clean / "near" / "store.git"
    python("import gitrack\nwith gitrack.init() as run: run.log({'a': 1})")
    assert gitrack.runs()["rows"].tolist() == [1]
