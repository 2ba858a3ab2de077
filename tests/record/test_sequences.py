"""Any sequence of calls: the record says what the script would say of itself."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

import gitrack

KEYS = st.sampled_from("loss acc val/acc a b".split())
NUMBERS = st.floats(allow_nan=False) | st.integers(-(2**60), 2**60)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
CALLS = st.lists(
    st.one_of(
        st.tuples(st.just("log"), st.dictionaries(KEYS, NUMBERS, min_size=1, max_size=3)),
        st.tuples(st.just("config"), st.dictionaries(st.text(max_size=4), PLAIN, max_size=2)),
        st.tuples(st.just("drop"), st.text(max_size=4)),
        st.tuples(st.just("summary"), st.dictionaries(KEYS, NUMBERS, min_size=1, max_size=2)),
        st.tuples(st.just("forget"), KEYS),
        st.tuples(st.just("rule"), KEYS, st.sampled_from(["min", "max", "first", "none", "copy"])),
        st.tuples(st.just("histogram"), KEYS, st.lists(st.integers(0, 2**40), min_size=1)),
        st.tuples(st.just("tags"), st.lists(st.text(max_size=4), max_size=3)),
    ),
    max_size=15,
)


class Script:
    """What a script believes of its run, by the rules of the guide."""

    def __init__(self) -> None:
        self.rows, self.config, self.summary = [], {}, {}
        self.rules, self.seen, self.histograms, self.tags = {}, {}, [], ()

    def log(self, row):
        self.rows.append(row)
        for key, value in row.items():
            rule = self.rules.get(key, "copy")
            if key in self.rules:
                self.seen.setdefault(key, []).append(value)
            if rule == "copy":
                self.summary[key] = value
            elif rule != "none":
                choose = {"min": min, "max": max, "first": lambda values: values[0]}[rule]
                self.summary[key] = {rule: choose(self.seen[key])}


def equal(one, other):
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return type(one) is type(other) and one == other


@settings(max_examples=40)
@given(CALLS)
def test_the_record_says_what_the_script_did(begin, calls):
    script = Script()
    with begin() as run:
        for call, *words in calls:
            match call, words:
                case "log", [row]:
                    run.log(row)
                    script.log(row)
                case "config", [settings_]:
                    run.config.update(settings_)
                    script.config.update(settings_)
                case "drop", [key] if key in script.config:
                    del run.config[key]
                    del script.config[key]
                case "summary", [values]:
                    run.summary.update(values)
                    script.summary.update(values)
                case "forget", [key] if key in script.summary:
                    del run.summary[key]
                    del script.summary[key]
                case "rule", [key, kind]:
                    run.define_metric(key, summary=kind, overwrite=True)
                    script.rules[key] = kind
                case "histogram", [key, counts]:
                    pair = (counts, [float(edge) for edge in range(len(counts) + 1)])
                    run.log({f"h/{key}": gitrack.Histogram(np_histogram=pair)})
                    script.rows.append({})
                    script.histograms.append((len(script.rows) - 1, f"h/{key}", *pair))
                case "tags", [tags]:
                    run.tags = tags
                    script.tags = tuple(dict.fromkeys(tags))
        assert equal(run.summary.as_dict(), script.summary)
    loaded = gitrack.load(run.id)
    assert equal(dict(loaded.summary), script.summary)
    assert equal(dict(loaded.config), script.config)
    assert loaded.run.tags == script.tags
    assert loaded.run.rows == len(script.rows)
    found = [
        (row["_step"], row["key"], list(row["counts"]), list(row["edges"]))
        for _, row in loaded.histograms().iterrows()
    ]
    assert found == script.histograms
