"""Secrets planted wherever a run looks: none is in the repository, the refs or the site."""

import os
import random
import string
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gitrack
from gitrack.errors import ConfigError
from gitrack.record.redaction import Redactor

_made = random.Random(7)


def some(letters, count):
    return "".join(_made.choice(letters) for _ in range(count))


ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + "234567"
#: By the rule that knows it; made anew from parts, so that no host takes them for real.
SHAPED = {
    "github": "ghp_" + some(ALNUM, 36),
    "github fine": "github" + "_pat_" + some(ALNUM, 60),
    "gitlab": "glpat-" + some(ALNUM, 20),
    "bitbucket": "ATBB" + some(ALNUM, 32),
    "atlassian": "ATATT3" + some(ALNUM, 60),
    "hugging face": "hf_" + some(ALNUM, 34),
    "openai": "sk-" + "proj-" + some(ALNUM, 48),
    "gateway": "sk-" + "team-" + some(ALNUM, 40) + "A7",
    "anthropic": "sk-" + "ant-" + some(ALNUM, 60),
    "replicate": "r8_" + some(ALNUM, 37),
    "groq": "gsk_" + some(ALNUM, 52),
    "xai": "xai-" + some(ALNUM, 80),
    "aws": "AKIA" + some(UPPER, 16),
    "aws session": "ASIA" + some(UPPER, 16),
    "google": "AIza" + some(ALNUM, 35),
    "google oauth": "GOCSPX-" + some(ALNUM, 28),
    "slack": "xox" + "b-" + some(string.digits, 12) + "-" + some(ALNUM, 24),
    "telegram": some("123456789", 9) + ":AA" + some(ALNUM, 33),
    "stripe": "sk" + "_live_" + some(ALNUM, 24),
    "twilio": "SK" + some(HEX, 32),
    "sendgrid": "SG." + some(ALNUM, 22) + "." + some(ALNUM, 43),
    "mailgun": "key-" + some(HEX, 32),
    "pypi": "pypi-" + some(ALNUM, 60),
    "npm": "npm_" + some(ALNUM, 36),
    "docker": "dckr" + "_pat_" + some(ALNUM, 27),
    "digitalocean": "dop_v1_" + some(HEX, 64),
    "databricks": "dapi" + some(HEX, 32),
    "linear": "lin_api_" + some(ALNUM, 40),
    "notion": "ntn_" + some(ALNUM, 46),
    "vault": "hvs." + some(ALNUM, 90),
    "grafana": "glsa_" + some(ALNUM, 41),
    "new relic": "NRAK-" + some(UPPER, 27),
    "shopify": "shpat_" + some(HEX, 32),
    "wandb": "wandb" + "_v1_" + some(ALNUM, 77),
    "nvidia": "nvapi-" + some(ALNUM + "_-", 64),
    "runpod": "rpa_" + some(string.ascii_uppercase + string.digits, 40),
    "lambda": "secret_lab_" + some(HEX, 32) + "." + some(ALNUM, 20),
    "fireworks": "fw_3" + some(ALNUM, 23),
    "langsmith": "lsv2_pt_" + some(HEX, 32) + "_" + some(HEX, 10),
    "pinecone": "pcsk_" + some(ALNUM, 60),
    "tavily": "tvly-" + some(ALNUM, 32),
    "cerebras": "csk-" + some("abcdefgh0123456789", 48),
    "tailscale": "tskey-auth-" + some(ALNUM, 17) + "-" + some(ALNUM, 32),
    "age": "AGE-SECRET-KEY-1" + some(UPPER, 58),
    "jwt": ".".join(["eyJ" + some(ALNUM, 20), "eyJ" + some(ALNUM, 40), some(ALNUM, 43)]),
}
WORD = some(ALNUM, 9) + "7q"
LONG = some(ALNUM, 40)
BASE64 = some(ALNUM + "+/", 86) + "=="
PGP = "-----{} PGP PRIVATE KEY BLOCK-----"
#: Lines as they stand in consoles, sources, patches, notebooks and dotfiles, and the secret.
LINES = {
    "env file": (f"DB_PASSWORD={WORD}", WORD),
    "exported": (f"export WANDB_API_KEY={some(HEX, 40)}", None),
    "yaml": (f"  password: {WORD}", WORD),
    "json": (f'{{"client_secret": "{LONG}", "n": 1}}', LONG),
    "python": (f'API_KEY = "{LONG}"', LONG),
    "python dict": (f"headers['X-Api-Key'] = '{LONG}'", LONG),
    "patched": (f'+    secret_key="{LONG}",', LONG),
    "removed line": (f'-aws_secret_access_key = "{LONG}"', LONG),
    "aws": (f"aws_secret_access_key = {LONG}", LONG),
    "header": (f"Authorization: Bearer {LONG}", LONG),
    "basic": (f"curl -H 'Authorization: Basic {some(ALNUM, 24)}=='", None),
    "curl user": (f"curl -u ada:{WORD} https://example.org", WORD),
    "docker login": (f"docker login --username ada --password {WORD}", WORD),
    "netrc": (f"machine api.example.org login user password {some(HEX, 40)}", None),
    "netrc of lines": (f"machine api.example.org\n  login user\n  password {LONG}", LONG),
    "key of a login": (f"wandb.login(key='{LONG}')", LONG),
    "key at a login": (f"wandb login --relogin {LONG}", LONG),
    "pair of user and key": (f'{{"username":"ada","key":"{some(HEX, 32)}"}}', None),
    "odbc": (f"DRIVER={{x}};UID=ada;PWD={WORD};DATABASE=lab", WORD),
    "name behind a name": (f"env: MLFLOW_TRACKING_PASSWORD={WORD}", WORD),
    "postgres": (f"postgresql://ada:{WORD}@db.example.org:5432/lab", WORD),
    "redis": (f"redis://:{WORD}@cache:6379/0", WORD),
    "amqp": (f"amqps://ada:{WORD}@mq/vhost", WORD),
    "azure": (f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={BASE64};", BASE64),
    "sas": (f"https://x.blob.core.windows.net/c?sv=2022&sig={some(ALNUM, 43)}%3D", None),
    "signed url": (f"https://b.s3.amazonaws.com/k?X-Amz-Signature={some(HEX, 64)}", None),
    "query": (f"GET https://api.example.org/v1?api_key={LONG}&q=1", LONG),
    "slack hook": ("https://hooks.slack.com/services/T0000/B0000/" + some(ALNUM, 24), None),
    "discord hook": ("https://discord.com/api/webhooks/123456789/" + some(ALNUM, 60), None),
    "notebook": (f'   "text": ["token = \'{LONG}\'\\n"]', LONG),
    "toml": (f"access_token = '{LONG}'", LONG),
    "ini": (f"passwd={WORD}", WORD),
    "pypirc": (f"password = pypi-{some(ALNUM, 50)}", None),
    "dict print": (f"{{'lr': 0.1, 'password': '{WORD}'}}", WORD),
    "cookie": (f'cookie = "{LONG}"', LONG),
    "pgp": (
        f"{PGP.format('BEGIN')}\n\n{BASE64}\n{BASE64}\n{PGP.format('END')}",
        BASE64,
    ),
    "key in a patch": (
        f"+-----BEGIN OPENSSH PRIVATE KEY-----\n+{BASE64}\n+-----END OPENSSH PRIVATE KEY-----",
        BASE64,
    ),
    "service account": (
        f'"private_key": "-----BEGIN PRIVATE KEY-----\\n{BASE64}\\n-----END PRIVATE KEY-----\\n"',
        BASE64,
    ),
}
PLANTED = {name: (f"here it is: {value}.", value) for name, value in SHAPED.items()} | LINES


def secret_of(line, secret):
    return secret or max(line.replace("=", " ").replace("/", " ").split(), key=len).strip("'\".%3D")


def test_the_battery_is_large_enough():
    assert len(PLANTED) >= 60


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_secret_is_taken_out_and_counted(name):
    line, secret = PLANTED[name]
    secret = secret_of(line, secret)
    redactor = Redactor()
    text = f"before\n{line}\nafter\n"
    cleaned = redactor.text(text, "console")
    assert secret not in cleaned
    assert cleaned.startswith("before\n")
    assert cleaned.endswith("\nafter\n")
    assert cleaned.count("\n") == text.count("\n")
    (found, *_) = redactor.report()
    assert found.where == "console"
    assert found.count >= 1
    assert secret not in repr(found)
    assert redactor.text(cleaned) == cleaned


@given(st.sampled_from(sorted(SHAPED)), st.text(max_size=30), st.text(max_size=30))
def test_a_token_never_survives_whatever_stands_around_it(name, before, after):
    assert SHAPED[name] not in Redactor().text(f"{before} {SHAPED[name]} {after}")


@given(st.text())
def test_lines_stay_and_cleaning_twice_is_cleaning_once(text):
    cleaned = Redactor().text(text)
    assert cleaned.count("\n") == text.count("\n")
    assert Redactor().text(cleaned) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "=" * 1_000_000,
        "password=" * 100_000,
        '"token": ' * 100_000,
        "://" * 300_000,
        "a://b" * 200_000,
        "key='" * 200_000,
        BASE64 * 10_000,
        "-----BEGIN PRIVATE KEY-----" * 30_000,
        "eyJ" * 300_000,
        "login x password " * 60_000,
        "uid=a;" * 100_000 + "key",
        "x=x=" * 50_000 + "key",
        "--token " * 120_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_text_made_to_search_for_ever_ends(text):
    assert Redactor().text(text).count("\n") == text.count("\n")


def test_own_patterns_take_out_their_secret_alone():
    redactor = Redactor([r"ticket-(?P<secret>\d+)", r"id=(\w+)", "internal"])
    text = redactor.text("ticket-4711 id=abc internal", "notes")
    assert text == "ticket-[removed] id=[removed] [removed]"
    assert {found.rule for found in redactor.report()} == {"own pattern"}


@pytest.mark.parametrize("pattern", ["(", "a*", ""])
def test_a_pattern_that_cannot_be_used_is_named(pattern):
    with pytest.raises(ConfigError, match="secrets"):
        Redactor([pattern])


SCRIPT = """
import json, os, sys, gitrack
planted = json.load(open(sys.argv[1]))
run = gitrack.init(id="r", notes=planted["console"][0], tags=[planted["tag"][0]],
    config={"line": planted["config"][0], "db": {"password": planted["config"][1]}})
for line, _ in planted.values():
    print(line)
    print(line, file=sys.stderr)
run.log({"text": planted["logged"][0], "h": gitrack.Html(planted["html"][0])})
run.log({"t": gitrack.Table(columns=["a"], data=[[planted["cell"][0]]])})
run.log({"i": gitrack.Image([[0, 255]], caption=planted["caption"][0])})
run.summary["s"] = planted["summary"][0]
run.alert("look", planted["alert"][0])
run.save(sys.argv[2])
"""


def test_no_object_ref_or_page_holds_a_planted_secret(repository, git, clean):
    import json

    places = (
        "console config tag logged cell html caption summary alert patch untracked notebook argv "
        "environment saved remote"
    ).split()
    planted = {place: (f"see ghp_{some(ALNUM, 36)} there", "") for place in places}
    secrets = [line.split()[1] for line, _ in planted.values()]
    planted["config"] = (planted["config"][0], WORD)
    lines = [line for line, _ in PLANTED.values()]
    secrets += [WORD, *(secret_of(*pair) for pair in PLANTED.values())]
    (repository / "train.py").write_text("\n".join([planted["patch"][0], *lines]))
    (repository / "new.py").write_text("\n".join([planted["untracked"][0], *lines]))
    cell = {"cells": [{"outputs": [{"text": [planted["notebook"][0], *lines]}]}]}
    (repository / "look.ipynb").write_text(json.dumps(cell))
    (repository / ".env").write_text(f"PLAIN={LONG}")
    saved = clean / "saved.txt"
    saved.write_text("\n".join([planted["saved"][0], *lines]))
    token = planted["remote"][0].split()[1]
    git(repository, "remote", "add", "origin", f"https://ada:{token}@example.org/x.git")
    data, script = clean / "planted.json", clean / "run.py"
    data.write_text(json.dumps(planted))
    script.write_text(SCRIPT)
    environ = {**os.environ, "CUDA_NOTE": planted["environment"][0], "HF_TOKEN": LONG}
    environ["GITRACK_ENVIRONMENT"] = "HF_*"
    words = [sys.executable, script, data, saved, planted["argv"][0], "--password", WORD]
    subprocess.run(words, check=True, env=environ, capture_output=True)
    subprocess.run([sys.executable, "-m", "gitrack", "build"], check=True, capture_output=True)
    loaded = gitrack.load("r")
    assert loaded.run.redacted
    assert loaded.run.environment["CUDA_NOTE"] == "see [removed] there"
    assert ".env: a secret by its name" in loaded.run.code.left_out
    assert b"[removed]" in loaded.read("console.log")
    assert b"[removed]" in loaded.read("code.patch")
    content = git(repository, "cat-file", "--batch-all-objects", "--batch", errors="replace")
    content += git(repository, "for-each-ref")
    content += "".join(loaded.table("t").to_csv())
    for path in (repository / "_site").rglob("*"):
        if path.is_file() and path.suffix in (".html", ".js", ".json", ".md", ".csv"):
            content += path.read_text("utf-8", "replace")
    assert "[removed]" in content
    left = [secret for secret in secrets if secret in content]
    around = [content[max(content.find(s) - 60, 0) : content.find(s) + 20] for s in left]
    assert "\n".join(around) == ""


def test_no_name_title_or_comment_holds_a_planted_secret(begin, repository, git, clean):
    import pandas as pd
    import plotly.graph_objects as go

    secrets = []

    def token():
        secrets.append("hf_" + some(ALNUM, 34))
        return secrets[-1]

    files = clean / "files"
    files.mkdir()
    for name in (f"a_{token()}.txt", f"a_{token()}.txt"):  # two that differ in their secret alone
        (files / name).write_text("content")
    (files / "large.log").write_text("epoch\n" * 400_000 + token())
    mesh = clean / "mesh.obj"
    mesh.write_text(f"# {token()}\nv 0 0 0\n")
    frame = pd.DataFrame({token(): [1.0, 2.0]})
    layer = {"box_data": [], "class_labels": {1: token()}}
    with begin(id="r") as run:
        name = f"val_{token()}"
        run.define_metric(name, step_metric=token(), summary="max")
        run.log({name: 2.0})
        run.log({name: 1.0})
        run.log({"p": go.Figure(go.Scatter(x=[1], y=[2], name=token()), {"title": token()})})
        run.log({"o": gitrack.Object3D(mesh), "t": frame})
        run.log({f"i_{token()}": gitrack.Image([[0]], boxes={token(): layer})})
        kept = run.save(files, base_path=files)
    assert len(kept) == len(set(kept)) == 3
    content = git(repository, "cat-file", "--batch-all-objects", "--batch", errors="replace")
    loaded = gitrack.load("r")
    content += repr((loaded.run, loaded.history(), loaded.table("t"), loaded.media().to_dict()))
    assert [secret for secret in secrets if secret in content] == []
    assert loaded.summary["val_[removed]"] == {"max": 2.0}
    assert loaded.table("t").iloc[:, 0].tolist() == [1.0, 2.0]


def test_a_figure_without_secrets_stays_byte_for_byte(begin):
    import plotly.graph_objects as go

    figure = go.Figure(go.Scatter(x=[0.1], y=[float("nan")], name="pad_token"))
    with begin(id="r") as run:
        run.log({"p": figure})
    loaded = gitrack.load("r")
    assert loaded.read(loaded.media("p").iloc[0].path) == figure.to_json().encode()
