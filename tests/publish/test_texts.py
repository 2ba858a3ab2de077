"""Numbers, links and stamped pages: text out of untrusted facts."""

import doctest

import pytest

from gitrack.errors import BuildError
from gitrack.model.run import Code, Run, State
from gitrack.publish import format as fmt
from gitrack.publish import provenance
from gitrack.publish.findable import Entry, extend_search, extend_sitemap
from gitrack.publish.provenance import commit_href, reproduce_line
from gitrack.publish.stamp import Prototype

SHA = "4f2c9e1a81d03c4f2c9e1a81d03c4f2c9e1a81d0"


@pytest.mark.parametrize("module", [fmt, provenance], ids=lambda module: module.__name__)
def test_the_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("remote", "page"),
    [
        ("git@github.com:ada/lab.git", "https://github.com/ada/lab/commit/"),
        ("ssh://git@gitlab.com:2222/a/b/lab.git", "https://gitlab.com/a/b/lab/-/commit/"),
        ("https://ada:token@github.com/ada/lab", "https://github.com/ada/lab/commit/"),
        ("https://bitbucket.org/ada/lab.git/", "https://bitbucket.org/ada/lab/commits/"),
        ("https://codeberg.org/ada/lab", "https://codeberg.org/ada/lab/commit/"),
        ("git@git.sr.ht:~ada/lab", "https://git.sr.ht/~ada/lab/commit/"),
        ("http://gitlab.local:8080/a/lab", "http://gitlab.local:8080/a/lab/-/commit/"),
    ],
)
def test_a_commit_is_found_on_its_host(remote, page):
    assert commit_href(remote, SHA) == page + SHA


@pytest.mark.parametrize(
    "remote",
    [
        None,
        "",
        "/srv/github/lab.git",
        "javascript://github.com/%0aalert(1)",
        "javascript:alert(1)//github.com/a/b",
        "data:text/html,github",
        "file:///github.com/a/b",
        'https://github.com/"><script>alert(1)</script>',
        "https://github.com/a/../../b",
        "https://github.com:port/a/b",
        "https://github.com",
        "https://exa mple.github.com/a/b",
        "https://example.org/a/b",
    ],
)
def test_an_address_that_is_not_plain_is_no_link(remote):
    assert commit_href(remote, SHA) is None


def test_a_commit_that_is_none_is_no_link():
    assert commit_href("git@github.com:a/b", "HEAD; rm -rf /") is None


def run(**fields):
    return Run("r1", "p", "n", State.FINISHED, 0.0, **fields)


def test_a_hostile_argument_is_quoted():
    line = reproduce_line(run(code=Code(SHA), command=("python", "t.py", "; rm -rf ~", "$(x)")))
    assert line.endswith("python t.py '; rm -rf ~' '$(x)'")


def test_an_argument_with_a_line_end_leaves_the_command_out():
    line = reproduce_line(run(code=Code(SHA), command=("python", "t.py", "a\nrm -rf ~")))
    assert line == f"git worktree add --detach ../r1 {SHA} && cd ../r1"


def test_without_a_commit_nothing_is_reproduced():
    assert reproduce_line(run()) == ""


def test_a_token_inside_a_run_is_left_alone():
    page = Prototype("<t>GITRACKRUNTITLE</t><a href=GITRACKRUNPAGE.html><p>GITRACKRUNCONTENT")
    made = page.page(
        title="GITRACKRUNCONTENT", description="d", file="f.html", content="GITRACKRUNTITLE"
    )
    assert made == "<t>GITRACKRUNCONTENT</t><a href=f.html><p>GITRACKRUNTITLE"


def test_a_theme_without_room_for_a_run_is_an_error():
    with pytest.raises(BuildError):
        Prototype("<html>")


def test_search_entries_are_html_and_prototypes_leave():
    index = b'{"config":{},"docs":[{"location":"p.html#x","title":"","text":""}]}'
    made = extend_search(index, [Entry("a.html", "<b>", "x & y")], without=["p.html"])
    assert made == (
        b'{"config":{},"docs":[{"location":"a.html","title":"&lt;b&gt;","text":"x &amp; y"}]}'
    )


def test_a_sitemap_gains_run_pages():
    sitemap = "<urlset>\n    <url>\n <loc>https://e.org/s/p.html</loc></url>\n</urlset>"
    made = extend_sitemap(
        sitemap, [Entry("r.html", "", "")], site_url="https://e.org/s", without=["p.html"]
    )
    assert "p.html" not in made
    assert "<loc>https://e.org/s/r.html</loc>" in made
    assert made.endswith("</urlset>")
