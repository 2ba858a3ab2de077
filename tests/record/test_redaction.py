import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitrack.record.redaction import names_a_secret, redact, redact_command, redact_tree

TOKEN = "ghp_" + "a1B2" * 9
SECRETS = [
    TOKEN,
    "hf_" + "x" * 34,
    "sk-proj-" + "y" * 30,
    "AKIA" + "ABCD" * 4,
    "glpat-" + "z" * 20,
    "xoxb-1234567890-abc",
    "eyJhbGciOi.eyJzdWIiOi.SflKxwRJSMe".replace(".", "AAAA.", 2),
]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_known_kind_of_token_is_taken_out_wherever_it_stands(secret):
    assert secret not in redact(f"run with {secret}, please")


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("https://me:hunter2@example.org/x.git", "https://[removed]@example.org/x.git"),
        (f"https://{TOKEN}@github.com/a/b", "https://[removed]@github.com/a/b"),
        ("s3://k:s@bucket/x and ftp://u@h/", "s3://[removed]@bucket/x and ftp://[removed]@h/"),
        ("https://h/x?token=abc&y=1", "https://h/x?token=[removed]&y=1"),
        ("Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer [removed]"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("plain words stay", "plain words stay"),
    ],
)
def test_credentials_are_taken_out_of_a_text(text, cleaned):
    assert redact(text) == cleaned


@pytest.mark.parametrize(
    ("words", "cleaned"),
    [
        (["--password", "x"], ["--password", "[removed]"]),
        (["--password=x"], ["--password=[removed]"]),
        (["API_KEY=x", "--lr", "1"], ["API_KEY=[removed]", "--lr", "1"]),
        (["--token", "--lr", "1"], ["--token", "--lr", "1"]),
        (["model.api_key=x"], ["model.api_key=[removed]"]),
    ],
)
def test_a_command_line_keeps_no_secret(words, cleaned):
    assert redact_command(words) == cleaned


def test_a_tree_is_cleaned_by_names_and_by_texts():
    tree = {
        "api_key": "x",
        "db": {"password": ["a", "b"]},
        "max_tokens": 5,
        "secret": 7,
        "n": TOKEN,
    }
    assert redact_tree(tree) == {
        "api_key": "[removed]",
        "db": {"password": ["[removed]", "[removed]"]},
        "max_tokens": 5,
        "secret": 7,
        "n": "[removed]",
    }


@pytest.mark.parametrize("name", ["lr", "author", "tokenizer", "num_tokens", "keyboard", "passes"])
def test_ordinary_names_are_no_secrets(name):
    assert not names_a_secret(name)


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text):
    assert redact(redact(text)) == redact(text)


def test_a_command_line_kept_as_a_list_hides_the_words_after_telling_options():
    words = ["t.py", "--hub_token", "plainword", "--lr", "0.1", "--token", "--debug", "x"]
    hidden = [*words[:2], "[removed]", *words[3:]]
    assert redact_tree({"argv": words, "n": [1, 2.5]}) == {"argv": hidden, "n": [1, 2.5]}
