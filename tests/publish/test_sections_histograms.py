"""Histograms as the page gets them: exact where they can be, added up honestly where not."""

import numpy as np
import pytest

from gitrack.publish.sections.histograms import columns_of


def histogram(step, counts, low=0.0, high=1.0):
    return step, np.array(counts, float), np.linspace(low, high, len(counts) + 1)


def test_few_steps_stay_as_they_were_logged(unpacked):
    made = columns_of([histogram(5, [1, 300, 2]), histogram(0, [4, 5], -2, 8)])
    assert unpacked(made["first"]).tolist() == unpacked(made["last"]).tolist() == [0, 5]
    assert unpacked(made["bins"]).tolist() == [2, 3]
    assert unpacked(made["counts"]).tolist() == [4, 5, 1, 300, 2]
    assert (unpacked(made["low"]).tolist(), unpacked(made["high"]).tolist()) == ([-2, 0], [8, 1])
    assert made["counts"]["t"] == "u2"
    assert (made["logged"], made["together"], made["skipped"]) == (2, 1, 0)


def test_uneven_edges_travel_whole(unpacked):
    edges = np.array([0.0, 0.1, 1.0, 10.0])
    made = columns_of([(0, np.array([1.0, 2.0, 3.0]), edges)])
    assert made["low"] is None
    assert unpacked(made["edges"]).tolist() == edges.tolist()


def test_many_steps_are_added_up_and_none_is_lost(unpacked):
    rng = np.random.default_rng(0)
    logged = [histogram(step, rng.integers(0, 9, 64), -step, step + 1) for step in range(1001)]
    made = columns_of(logged)
    assert made["together"] == 6
    assert unpacked(made["first"]).tolist() == list(range(0, 1001, 6))
    assert unpacked(made["last"])[-1] == 1000
    total = sum(counts.sum() for _, counts, _ in logged)
    assert unpacked(made["counts"]).astype(float).sum() == pytest.approx(total)


def test_of_a_step_that_returns_the_last_counts(unpacked):
    made = columns_of([histogram(3, [1, 1]), histogram(3, [2, 7])])
    assert unpacked(made["counts"]).tolist() == [2, 7]
    assert made["logged"] == 2


@pytest.mark.parametrize(
    ("counts", "edges"),
    [
        ([1.0], [0.0, 0.0]),
        ([1.0], [0.0, np.inf]),
        ([np.nan], [0.0, 1.0]),
        ([-1.0], [0.0, 1.0]),
        ([1.0, 2.0], [0.0, 1.0]),
        ([], []),
    ],
)
def test_what_is_no_histogram_is_counted_and_left_out(unpacked, counts, edges):
    bad = (0, np.array(counts), np.array(edges))
    assert columns_of([bad]) is None
    made = columns_of([bad, histogram(1, [5])])
    assert made["skipped"] == 1
    assert unpacked(made["counts"]).tolist() == [5]


def test_the_section_has_a_script_a_name(made):
    section, data = made(
        "import gitrack\n"
        "with gitrack.init() as run:\n"
        "    for step in range(3):\n"
        "        run.log({'w/<b>': gitrack.Histogram([0, 1, 2 + step]), 'a': step})\n"
        "    run.log({'constant': gitrack.Histogram([7.0])})\n"
    )["histograms"]
    assert [(name, logged) for name, _, logged in data["names"]] == [("constant", 1), ("w/<b>", 3)]
    assert section.count == 2


def test_a_run_without_any_has_no_section(made):
    assert "histograms" not in made("import gitrack\ngitrack.init().finish()\n")


def test_a_damaged_file_is_named_and_the_rest_is_shown(lab):
    lab.add(metrics={"loss": [1.0]}, files={"histograms.parquet": b"PAR1 no parquet"})
    report = lab.build()
    assert any("histograms.parquet" in line for line in report.damaged)
