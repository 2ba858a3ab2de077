import pytest

from gitrack.publish.cache import Cache
from gitrack.publish.output import Output
from gitrack.publish.sections.code import changes_from_patch
from gitrack.publish.sections.page import SectionWriter
from gitrack.store.reader import Reader
from gitrack.store.repository import Repository


def test_the_console_has_every_line(made):
    section, data = made(
        "import gitrack\n"
        "with gitrack.init() as run:\n"
        "    print('first <b>')\n"
        "    print('zwei\\u2028\\t3')\n"
    )["console"]
    assert data["lines"] == ["first <b>", "zwei\u2028\t3"]
    assert section.count == 2


def test_the_code_tells_what_changed_line_by_line(made, repository):
    (repository / "train.py").write_text("print('training')\nprint('more')  # now\n")
    (repository / "new file.txt").write_text("-- a\n++ b\n")
    section, data = made("import gitrack\ngitrack.init().finish()\n")["code"]
    files = {file["path"]: file for file in data["files"]}
    (hunk,) = files["train.py"]["hunks"]
    assert [line[:3] for line in hunk["lines"]] == [[" ", 1, 1], ["+", None, 2]]
    assert "".join(text for _, text in hunk["lines"][1][3]) == "print('more')  # now"
    assert ["c", "# now"] in hunk["lines"][1][3]
    assert [line[3] for line in files["new file.txt"]["hunks"][0]["lines"]] in (
        ["-- a", "++ b"],
        [[["", "-- a"]], [["", "++ b"]]],
    )
    assert files["new file.txt"]["note"] == "new"
    assert section.note.startswith("+3 −0 against ")


@pytest.mark.parametrize(
    ("patch", "paths"),
    [
        ("", []),
        ("diff --git a/a b b/a b\nold mode 100644\nnew mode 100755\n", ["a b"]),
        ('diff --git "a/t\\303\\274" "b/t\\303\\274"\n', ["t\\303\\274"]),
        ("diff --git a/x b/x\nBinary files a/x and b/x differ\n", ["x"]),
        ("no patch at all\n@@ -1 +1 @@\n+x\n", []),
        ("diff --git a/x b/x\n@@ -1,0 +99999999999999999999 @@\n+x\n\\ No newline\n", ["x"]),
    ],
)
def test_any_patch_is_read(patch, paths):
    assert [change.path for change in changes_from_patch(patch)] == paths


def test_files_tell_their_sizes(made, git, repository):
    _, data = made("import gitrack\ngitrack.init(id='r').finish()\n")["files"]
    assert data["run"] == "r"
    for name, place, size, _ in data["files"]:
        listed = git(repository, "ls-tree", "-r", "-l", "experiments/main").splitlines()
        (line,) = [line for line in listed if line.endswith(f"/r/{name}")]
        assert (place, size) == ("git", int(line.split()[3]))


def test_what_did_not_change_is_not_made_again(repository, python, clean):
    python("import gitrack\ngitrack.init().finish()\n", cwd=repository)
    reader = Reader(Repository.around(repository))
    made = []
    for _ in range(2):
        cache = Cache(clean / "site.db")
        with Output(clean / "site") as output:
            made.append(SectionWriter(reader, output, cache).write(reader.records()))
            written = output.written_below("data/", ".js")
        cache.save()
        cache.close()
    assert made[0] == made[1]
    assert written == 0
