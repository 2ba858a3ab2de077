"""A comment made from JSON, and from branches, that somebody wrote to do harm."""

import json
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from gitrack.errors import FormatError, NewerFormatError, UsageError
from gitrack.model.names import folder_from_project
from gitrack.review.codec import from_plain, schema_of, to_plain
from gitrack.review.comment import comment_from_json
from gitrack.review.markdown import MARKER, markdown
from gitrack.review.model import Review
from gitrack.review.writing import MOST_BYTES, review_from_json, review_to_json, schema

EVIL = [
    "@everyone @org/team",
    "fixes #1, org/repo#2, GH-3, !4, ~label, %milestone, &5, $6",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</details></td></table>",
    "[click](https://evil.example) ![x](https://evil.example/x.png)",
    "https://evil.example www.evil.example a@evil.example",
    "` `` ``` a | b || \\| c \\",
    "\n::set-output name=x::y\n::error::x\n##[set-env name=a]b",
    "a\r\n/approve\n/merge\n# head\n- item\n```\nx",
    ":tada: $`x`$ $$y$$ :::note",
    "\u202egnp.exe \u200b\u2028\x00\x1b[31m",
    "../../etc/passwd%2e%2e",
    'x"] --> y; click a "javascript:alert(1)"\n%%{init: {}}%%',
    "-->",
    "{{ 7 * 7 }} ${{ secrets.TOKEN }} {% raw %}",
]


CORPUS = Path(__file__).parent / "corpus"


@pytest.fixture
def honest():
    """The JSON of an honest review, with a rule, as format 1 has been written."""
    return json.loads((CORPUS / "review-1.json").read_text("utf-8"))


def everywhere(value, text):
    """Put a text in place of every text of a review that is free to be any."""
    if isinstance(value, dict):
        return {k: v if k in FIXED else everywhere(v, text) for k, v in value.items()}
    if isinstance(value, list):
        return [everywhere(item, text) for item in value]
    return text if isinstance(value, str) else value


FIXED = {
    *("outcome", "test", "correction", "match", "goal", "verdict", "reason", "why", "side"),
    *("state", "kind", "what"),
}


def outside_code(text):
    """What a host would read as Markdown: all but code spans and the diagram."""
    text = re.sub(r"```mermaid\n.*?\n```", "", text, flags=re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


@pytest.mark.parametrize("evil", EVIL)
def test_texts_of_a_stranger_stand_in_code_spans_alone(honest, evil):
    crafted = everywhere(honest, evil[:300])
    crafted["comparisons"][0]["cost"] = honest["comparisons"][0]["cost"]
    crafted["notes"] = [{"kind": "not read", "side": None, "subject": evil, "count": 1, "of": 1}]
    text = comment_from_json(json.dumps(crafted).encode())
    plain = outside_code(text).removeprefix(MARKER)
    assert not re.search(r"[@#$!~\\]", plain.replace("###", ""))
    assert "evil" not in plain
    assert "http" not in plain
    assert set(re.findall(r"<[^>]*>", plain)) <= {
        *("<details>", "</details>", "<summary>", "</summary>"),
        *("<b>", "</b>"),
    }
    assert not re.search(r"^\s*(::|/|#[^#])", text, flags=re.MULTILINE)
    assert "##[" not in text
    assert "::" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)


@pytest.mark.parametrize("evil", EVIL)
def test_a_diagram_holds_letters_and_digits_alone(honest, evil):
    honest["comparisons"][0]["curve"]["metric"] = evil
    text = comment_from_json(json.dumps(honest).encode())
    (diagram,) = re.findall(r"```mermaid\n(.*?)\n```", text, flags=re.DOTALL)
    title, x, y, *_ = diagram.splitlines()[2:]
    for line, shape in (
        (title, r'    title "[^"]*: mean of 5 base \(ochre\), 5 head \(blue\)"'),
        (x, r'    x-axis "step" 0 --> 190'),
        (y, r'    y-axis "[^"]*" [\d.]+ --> [\d.]+'),
    ):
        assert re.fullmatch(shape, line)
    assert all(c.isalnum() or c in "/._- " for c in y.split('"')[1])


@pytest.mark.parametrize("values", [[1e-9, 2e-9], [5.0, 5.0000001], [1e7, 2.5e8], [1e300, 2.0]])
def test_a_diagram_has_no_exponents_and_no_empty_axis(honest, values):
    honest["comparisons"][0]["curve"] |= {"base": values, "head": values, "last": 3e6}
    text = comment_from_json(json.dumps(honest).encode())
    for diagram in re.findall(r"```mermaid\n(.*?)\n```", text, flags=re.DOTALL):
        numbers = "\n".join(re.sub(r'"[^"]*"', "", line) for line in diagram.splitlines()[3:])
        assert not re.search(r"\de", numbers)
        low, high = re.search(r"y-axis +(\S+) --> (\S+)", numbers).groups()
        assert float(low) < float(high)
    assert ("mermaid" in text) == (values not in ([5.0, 5.0000001], [1e300, 2.0]))


def test_tables_keep_their_columns(honest):
    crafted = everywhere(honest, "a | b ` c \\")
    crafted["comparisons"][0]["cost"] = []
    text = comment_from_json(json.dumps(crafted).encode())
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        counts = {line.count("|") for line in table.splitlines()}
        assert len(counts) == 1


def test_names_of_a_branch_are_as_harmless(put_seeds, git, repository, reviewed):
    evil = "@team <b> [x](https://evil.example) | `"
    put_seeds("main", "old", [{evil: 0.1 * n} for n in range(5)], config={evil: "::a::"})
    git(repository, "branch", "experiments/feature/x", "experiments/main")
    made = {"group": evil, "tags": (evil,), "error": evil}
    put_seeds("feature/x", "new", [{evil: 2.0}] * 5, config={evil: "@all"}, **made)
    status, out, _ = reviewed()
    assert status == 0
    assert "@" not in outside_code(out)
    assert "evil" not in outside_code(out)


def test_the_comment_is_what_the_command_writes(five_better, reviewed):
    (five_better / "gitrack.toml").write_text("[[review.rule]]\nmetric = 'val/acc'\n")
    content = reviewed("--json")[1].encode()
    assert comment_from_json(content) == reviewed()[1]


def test_links_go_to_the_callers_site_alone(honest):
    honest["site_url"] = "https://evil.example"
    content = json.dumps(honest).encode()
    assert "evil" not in comment_from_json(content)
    text = comment_from_json(content, site_url="https://lab.example/site/")
    assert "](https://lab.example/site/projects/digits/runs/new-0.html)" in text
    with pytest.raises(UsageError):
        comment_from_json(content, site_url="https://evil.example/)[x](")


@pytest.mark.parametrize("name", ["../x", "a/b", "a b", "", "x)](https://evil", "con"])
def test_a_name_that_is_no_runs_or_projects_is_linked_nowhere(honest, name):
    honest["runs"][0]["id"] = honest["comparisons"][0]["head"]["ids"][0] = name
    text = comment_from_json(json.dumps(honest).encode(), site_url="https://lab.example")
    assert "compare.html" not in text
    assert text.count("/runs/") == 4
    honest["runs"][1]["project"] = name
    text = comment_from_json(json.dumps(honest).encode(), site_url="https://lab.example")
    assert text.count("/runs/") == 3 + (folder_from_project(name) == name)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b'{"format": 1, "level": NaN}', "is no JSON"),
        (b'{"format": ' + b"9" * 5000 + b"}", "is no JSON"),
        (b"[]", "is no review of format 1"),
        (b'{"format": true}', "is no review of format 1"),
        (b'{"format": 1}', "it lacks base"),
        (b'{"format": 1, "<x>": 1}', "it has an unknown field '<x>'"),
        (b" " * (MOST_BYTES + 1), "bytes; 16777216 are the most"),
    ],
)
def test_what_is_no_review_is_refused_in_one_line(content, message):
    with pytest.raises(FormatError, match=re.escape(message)) as refusal:
        comment_from_json(content)
    assert len(str(refusal.value)) < 200


def test_a_newer_form_is_refused_by_its_number():
    with pytest.raises(NewerFormatError, match="format version 7 is newer than 1"):
        review_from_json(b'{"format": 7}')


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("outcome",), "great"),
        (("outcome",), ["pass"]),
        (("made_by",), "x" * 301),
        (("level",), "0.95"),
        (("level",), 10**400),
        (("level",), True),
        (("tests",), 2.0),
        (("tests",), 2**60),
        (("runs",), {"0": 1}),
        (("runs",), [None] * 1001),
        (("base",), []),
        (("base", "runs"), None),
        (("comparisons", 0, "metrics", 0, "base"), [0.5] * 101),
        (("comparisons", 0, "metrics", 0, "base"), ["0.5"]),
        (("comparisons", 0, "metrics", 0, "surprise"), 1),
        (("comparisons", 0, "metrics", 0, "verdict"), "<b>better</b>"),
        (("comparisons", 0, "curve", "first"), None),
        (("rules", 0, "required"), 1),
    ],
)
def test_a_field_of_another_kind_is_refused_and_named(honest, place, value):
    *path, last = place
    inner = honest
    for step in path:
        inner = inner[step]
    inner[last] = value
    with pytest.raises(FormatError, match=str(last)):
        comment_from_json(json.dumps(honest).encode())


def test_ten_megabytes_in_a_field_are_refused(honest):
    for place in (honest, honest["comparisons"][0]["metrics"][0]):
        kept = dict(place)
        place["made_by" if place is honest else "name"] = "x" * 10_000_000
        with pytest.raises(FormatError, match="no text of at most 300 characters"):
            comment_from_json(json.dumps(honest).encode())
        place.update(kept)


@pytest.mark.parametrize("number", [0, -1, 1e-308, 1e308, -1e308, 2**53])
def test_odd_numbers_are_written_as_they_are(honest, number):
    def put(value):
        if isinstance(value, dict):
            return {k: put(v) for k, v in value.items()}
        if isinstance(value, list):
            return [put(item) for item in value]
        return number if isinstance(value, float) else value

    assert comment_from_json(json.dumps({**put(honest), "level": 0.9}).encode())


def test_a_review_comes_back_from_its_json_as_it_was(honest):
    review = review_from_json(json.dumps(honest).encode())
    assert review_from_json(review_to_json(review)) == review
    assert from_plain(Review, to_plain(review)) == review


def test_the_schema_that_is_shipped_is_that_of_the_form():
    from importlib.resources import files

    shipped = files("gitrack.review").joinpath("schema.json").read_text("utf-8")
    assert json.loads(shipped) == schema() == schema_of(Review)
    assert set(schema()["properties"]) == {field.name for field in fields(Review)}


def test_every_limit_below_the_hosts_is_kept(honest):
    review = review_from_json(json.dumps(honest).encode())
    wide = replace(
        review,
        runs=tuple(replace(review.runs[0], name="\U0001f98a" * 40) for _ in range(1000)),
        comparisons=review.comparisons * 30,
    )
    for limit in (65_536, 20_000, 6_000, 4_000):
        text = markdown(wide, limit)
        assert len(text.encode("utf-16-le")) // 2 < limit
        assert "is better" in text
        assert text.count("<details>") == text.count("</details>")
        assert "Left out to stay within the host's limit: " in text or "more." in text
    assert "runs" in re.search(r"Left out .*", text)[0]
