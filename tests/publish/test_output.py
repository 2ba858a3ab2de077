import pytest

from gitrack.errors import BuildError
from gitrack.publish.output import MARKER, UNDERWAY, Output


def fill(root, files):
    with Output(root) as output:
        for path, content in files.items():
            output.write(path, content)
    return output


def test_a_folder_of_the_users_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(BuildError, match="not a gitrack site"):
        Output(tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_file_is_refused(tmp_path):
    (tmp_path / "site").write_text("")
    with pytest.raises(BuildError, match="is a file"):
        Output(tmp_path / "site")


def test_a_damaged_marker_is_refused(tmp_path):
    (tmp_path / MARKER).write_text("{")
    with pytest.raises(BuildError, match="damaged"):
        Output(tmp_path)


def test_what_the_newer_site_has_not_goes_and_what_is_not_ours_stays(tmp_path):
    fill(tmp_path, {"a/old.html": b"1", "b.html": b"1"})
    (tmp_path / "a" / "CNAME").write_text("mine")
    fill(tmp_path, {"b.html": b"2"})
    assert not (tmp_path / "a" / "old.html").exists()
    assert (tmp_path / "a" / "CNAME").read_text() == "mine"
    assert (tmp_path / "b.html").read_bytes() == b"2"


def test_empty_folders_go_with_their_last_file(tmp_path):
    fill(tmp_path, {"p/runs/a.html": b"1", "b.html": b"1"})
    fill(tmp_path, {"b.html": b"1"})
    assert not (tmp_path / "p").exists()


def test_a_listing_that_leads_outside_removes_nothing(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    site = tmp_path / "site"
    fill(site, {"a.html": b"1"})
    (site / MARKER).write_text('{"gitrack": 2, "files": {"../victim": [4, ""], "/etc/x": [1, ""]}}')
    (site / UNDERWAY).write_text("../victim\n/etc/passwd\n")
    fill(site, {"b.html": b"1"})
    assert victim.read_text() == "mine"


def test_a_listing_of_the_format_before_is_read(tmp_path):
    (tmp_path / "old.html").write_text("1")
    (tmp_path / MARKER).write_text('{"gitrack": 1, "files": ["old.html"]}')
    fill(tmp_path, {"b.html": b"1"})
    assert not (tmp_path / "old.html").exists()


def test_a_listing_of_a_newer_gitrack_is_refused(tmp_path):
    (tmp_path / MARKER).write_text('{"gitrack": 3}')
    with pytest.raises(BuildError, match="newer"):
        Output(tmp_path)


def test_what_was_made_of_the_same_stands_unless_others_changed_it(tmp_path):
    with Output(tmp_path) as output:
        output.write("a.html", b"123", "key")
    with Output(tmp_path) as output:
        assert output.stands("a.html", "key")
        assert not output.stands("a.html", "other")
    (tmp_path / "a.html").write_bytes(b"changed")
    assert not Output(tmp_path).stands("a.html", "key")


def test_what_a_killed_build_left_is_known_to_the_next(tmp_path):
    fill(tmp_path, {"a.html": b"1"})
    killed = Output(tmp_path)
    killed.__enter__()
    killed.write("a.html", b"2", "newer")
    killed.write("data/new.js", b"1")
    (tmp_path / "data" / ".half.js.part").write_text("ha")
    with (tmp_path / UNDERWAY).open("a") as file:
        file.write("data/half.js\n")
    with Output(tmp_path) as output:
        assert not output.stands("a.html", "")
        output.write("a.html", b"1")
    assert {path.name for path in tmp_path.rglob("*")} == {"a.html", MARKER}


def fill_half(output):
    output.write("half.js", b"2")
    raise BuildError("the disk is full")


def test_a_failed_build_leaves_the_older_site_and_the_next_one_cleans_up(tmp_path):
    fill(tmp_path, {"a.html": b"1", "b.html": b"1"})
    with pytest.raises(BuildError), Output(tmp_path) as output:
        fill_half(output)
    assert (tmp_path / "a.html").read_bytes() == b"1"
    assert (tmp_path / "half.js").exists()
    fill(tmp_path, {"a.html": b"1"})
    assert {path.name for path in tmp_path.iterdir()} == {"a.html", MARKER}


def test_equal_bytes_are_not_written_again(tmp_path):
    fill(tmp_path, {"a.html": b"1"})
    before = (tmp_path / "a.html").stat().st_mtime_ns
    assert fill(tmp_path, {"a.html": b"1"}).written_below("", ".html") == 0
    assert (tmp_path / "a.html").stat().st_mtime_ns == before


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "", "a\\..\\x"])
def test_a_path_that_leads_outside_is_refused(tmp_path, path):
    with pytest.raises(BuildError), Output(tmp_path) as output:
        output.write(path, b"")
