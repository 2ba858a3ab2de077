"""The parts of a review's comment, each written by itself: a review in, Markdown out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from urllib.parse import urlencode

from gitrack.analysis.short import short_duration, sparkline
from gitrack.model.names import EXPERIMENTS
from gitrack.review.escape import code, is_run_id, label, project_url, run_url
from gitrack.review.model import Comparison, Cost, Metric, Note, Review, Verdict
from gitrack.review.words import (
    arrow,
    code_words,
    counted,
    decimals,
    figure,
    interval,
    left_out_words,
    mark,
    rule_words,
    side_words,
    signed,
    spread,
    why,
)
from gitrack.store.moved import short_bytes

_BARS = 12
_LINKED = 10
_BRANCH = 40
#: Larger numbers are not drawn.
_DRAWN = 1e15
_TESTS = {"permutation": "permutation test", "mann-whitney": "Mann-Whitney's U test"}
_CORRECTIONS = {
    "holm": "Holm's correction",
    "benjamini-hochberg": "Benjamini's and Hochberg's correction",
    "none": "no correction",
}
_MATCHES = {
    "same config": "with the base's runs of the same settings",
    "nearest config": "with the base's nearest runs: no run there has these settings",
    "nothing to compare with": "with nothing: the base has no run of the project",
}


def headline(review: Review) -> str:
    """Write the verdict on what matters most, and how many runs it comes from."""
    return f"### {_verdict(review)}\n\n{_counts(review)}"


def _verdict(review: Review) -> str:
    failed = next((r for r in review.rules if r.required and r.outcome == "fail"), None)
    metric = _key_metric(review)
    if failed and not (metric and failed.metric == metric.name and failed.comparison == 1):
        place = failed.comparison if len(review.comparisons) > 1 else None
        where = f" for configuration {place}" if place else ""
        return f"✗ {code(failed.metric)} fails its rule{where}: {rule_words(failed)}"
    sign = "✗ " if failed is not None else ""
    if metric is None:
        return f"{sign}No new runs" if not review.head.runs else f"{sign}Nothing to compare yet"
    places = decimals(metric)
    verdict = {
        "better": "is better",
        "worse": "is worse",
        "no difference": "does not differ",
        "cannot tell": "cannot be told yet",
    }[metric.verdict]
    means = f"{figure(metric.base_mean, places)} → {figure(metric.head_mean, places)}"
    change = signed(metric.difference, places)
    if metric.low is not None:
        change += f", {_percent(review.level)} interval {interval(metric, places)}"
    return f"{sign}{code(metric.name)} {verdict}: {means} ({change})"


def _key_metric(review: Review) -> Metric | None:
    """Return the first metric that both sides have."""
    for comparison in review.comparisons[:1]:
        return next((m for m in comparison.metrics if m.difference is not None), None)
    return None


def _counts(review: Review) -> str:
    base, head = review.base, review.head
    text = (
        f"{counted(head.runs, 'new run')}{side_words(head)} on {code(head.branch, _BRANCH)}"
        f" against {base.runs:,}{side_words(base)} on {code(base.branch, _BRANCH)}."
    )
    verdicts = Counter(m.verdict for c in review.comparisons for m in c.metrics if m.goal)
    kinds: Mapping[Verdict, str] = {
        "better": "better",
        "worse": "worse",
        "no difference": "without a difference",
        "cannot tell": "that cannot be told",
    }
    words = [f"{verdicts[kind]:,} {what}" for kind, what in kinds.items() if verdicts[kind]]
    if words:
        text += f" Metrics: {', '.join(words)}."
    if review.rules:
        held = sum(rule.outcome == "pass" for rule in review.rules)
        text += f" Rules: {held} of {len(review.rules)} hold."
    return text


def rules(review: Review, rows: int) -> str:
    """Write what became of the rules, failures first."""
    if not review.rules:
        return ""
    several = len(review.comparisons) > 1
    head = ["rule for", *(["configuration"] if several else []), "", "why"]
    lines = [
        [
            code(rule.metric) + (f" of {code(rule.runs)}" if rule.runs else ""),
            *([str(rule.comparison or "none")] if several else []),
            _rule_mark(rule.outcome, required=rule.required),
            rule_words(rule),
        ]
        for rule in review.rules
    ]
    return _table(head, lines, rows)


def _rule_mark(outcome: str, *, required: bool) -> str:
    if outcome == "pass":
        return "✓ holds"
    return "**✗ fails**" if required else "✗ fails, and is not required"


def metrics(review: Review, rows: int) -> str:
    """Write the metrics of the first configuration."""
    if not review.comparisons:
        return ""
    one = review.comparisons[0]
    several = f"Configuration 1 of {len(review.comparisons)}, " * (len(review.comparisons) > 1)
    how = several + f"compared {_MATCHES[one.match]}."
    return f"{how[0].upper()}{how[1:]}\n\n{_metrics(review, one, rows)}".strip()


def _metrics(review: Review, comparison: Comparison, rows: int) -> str:
    if not comparison.metrics:
        return "No run of it has finished with a number."
    curves = any(metric.curve for metric in comparison.metrics)
    head = [
        "metric",
        *(f"{name}:" for name in _branches(review)),
        "change:",
        f"{_percent(review.level)}:",
    ]
    head += [*(["curve"] if curves else []), "verdict"]
    lines = []
    for metric in comparison.metrics:
        places = decimals(metric)
        told = metric.verdict in ("better", "worse")
        change = signed(metric.difference, places)
        reason = why(metric)
        lines.append(
            [
                code(metric.name) + arrow(metric),
                spread(metric.base_mean, metric.base_std, places),
                spread(metric.head_mean, metric.head_std, places),
                f"**{change}**" if told else change,
                interval(metric, places),
                *([sparkline(metric.curve, _BARS)] if curves else []),
                mark(metric) + (f": {reason}" if reason else ""),
            ]
        )
    return _table(head, lines, rows)


def method(review: Review, _rows: int) -> str:
    """Say how the figures came about."""
    if not review.comparisons:
        return ""
    keys = ", ".join(code(key) for key in review.seed_keys[:_LINKED])
    repeated = f" over {keys}" if keys else ", no setting was found to be a seed"
    return (
        f"Mean ± standard deviation of finished runs{repeated}; bootstrap intervals;"
        f" {_TESTS[review.test]}, {_CORRECTIONS[review.correction]} over"
        f" {counted(review.tests, 'test')}. ↑ higher is better, ↓ lower is better."
    )


def curve(review: Review, _rows: int) -> str:
    """Draw the key metric of the first configuration, for hosts that draw Mermaid."""
    one = review.comparisons[0].curve if review.comparisons else None
    if one is None or not one.base or len(one.base) != len(one.head) or one.first >= one.last:
        return ""
    values = [*one.base, *one.head]
    low, high = _digits(min(values)), _digits(max(values))
    first, last = _digits(one.first), _digits(one.last)
    if low == high or first == last or max(map(abs, (*values, one.first, one.last))) > _DRAWN:
        return ""
    name = label(one.metric) or "metric"
    lines = [
        "```mermaid",
        '%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "#b7791f, #3b82f6"}}}}%%',
        "xychart-beta",
        f'    title "{name}: mean of {one.base_runs} base (ochre), {one.head_runs} head (blue)"',
        f'    x-axis "step" {first} --> {last}',
        f'    y-axis "{name}" {low} --> {high}',
        *(f"    line [{', '.join(map(_digits, side))}]" for side in (one.base, one.head)),
        "```",
    ]
    return "\n".join(lines)


def _digits(value: float) -> str:
    """Write a number with six digits and without an exponent, which Mermaid does not read."""
    return format(Decimal(f"{value:.6g}"), "f")


def notes(review: Review, rows: int) -> str:
    """Write what a reader should know before believing the rest."""
    found = [_note(note) for note in review.notes]
    several = len(review.comparisons) > 1
    for number, comparison in enumerate(review.comparisons, 1):
        where = f"Configuration {number}: " if several else ""
        found += [where + _note(note) for note in comparison.notes]
    if review.left_out:
        found.append(f"Not in this review: {left_out_words(review.left_out)}.")
    shown = [f"- {line}" for line in found[:rows]]
    if len(found) > rows:
        shown.append(f"- … and {len(found) - rows} more")
    return "\n".join(shown)


def _note(note: Note) -> str:
    if note.kind == "no new runs":
        return "There are no new runs: rules are not applied."
    if note.kind == "other rules":
        return "The head's `gitrack.toml` has other rules: those of the base hold."
    if note.kind == "unique setting":
        return (
            f"{code(note.subject)} differs in every run, so that none repeats another:"
            " `seed_keys` in `gitrack.toml` takes it for a seed."
        )
    if note.kind == "not read":
        return f"A run could not be read: {code(note.subject)}"
    if note.kind == "did not finish":
        return f"{note.count} of the {note.side}'s {note.of} runs did not finish and do not count."
    if note.kind == "same seeds":
        return (
            f"The {note.side}'s {note.of} runs have {counted(note.count or 0, 'different seed')}:"
            " runs of one seed are no independent evidence."
        )
    return (
        f"{code(note.subject)} is no finite number in {note.count} of the {note.side}'s"
        f" {note.of} runs, which do not count for it."
    )


def changes(review: Review, rows: int) -> str:
    """Write the settings that differ between the first configuration and its base."""
    if not review.comparisons or not review.comparisons[0].changes:
        return ""
    return _folded("Settings that differ", *_changes(review, review.comparisons[0], rows))


def _changes(review: Review, comparison: Comparison, rows: int) -> tuple[int, str]:
    head = ["setting", *_branches(review)]
    lines = [[code(c.key), code(c.base), code(c.head)] for c in comparison.changes]
    return len(lines), _table(head, lines, rows)


def others(review: Review, rows: int) -> str:
    """Write the other configurations, folded, each with its settings and metrics."""
    blocks = []
    for number, one in enumerate(review.comparisons[1 : rows + 1], 2):
        text = [f"Compared {_MATCHES[one.match]}.", _metrics(review, one, rows)]
        if one.changes:
            text.append(_changes(review, one, rows)[1])
        told = Counter(m.verdict for m in one.metrics if m.verdict in ("better", "worse"))
        words = ", ".join(f"{count} {verdict}" for verdict, count in sorted(told.items()))
        title = f"Configuration {number}" + (f": {words}" if words else "")
        blocks.append(_folded(title, one.head.runs, "\n\n".join(text)))
    if (more := len(review.comparisons) - 1 - rows) > 0:
        blocks.append(f"… and {counted(more, 'more configuration')}.")
    return "\n\n".join(blocks)


def cost(review: Review, rows: int) -> str:
    """Write what a run took, on either side."""
    costs = [(n, c) for n, one in enumerate(review.comparisons, 1) for c in one.cost]
    if not costs:
        return ""
    several = len(review.comparisons) > 1
    head = [*(["configuration"] if several else []), "mean of a run", "base:", "head:", "change:"]
    lines = [
        [
            *([str(number)] if several else []),
            one.name + {"memory": " (peak)"}.get(one.name, ""),
            _amount(one, one.base),
            _amount(one, one.head),
            f"{signed(100 * (one.head / one.base - 1), 0)} %" if one.base and one.head else "",
        ]
        for number, one in costs
    ]
    return _folded("Cost", None, _table(head, lines, rows))


def _amount(cost: Cost, value: float | None) -> str:
    if value is None or value < 0:
        return figure(None, 0)
    if cost.name == "time":
        return short_duration(min(value, 1e12))
    return short_bytes(int(value)) if cost.name == "memory" else f"{value:.3g} kWh"


def code_changes(review: Review, rows: int) -> str:
    """Write which files of code changed."""
    if not review.comparisons or review.comparisons[0].code is None:
        return ""
    one = review.comparisons[0].code
    text = [f"{code(one.base and one.base[:10])} → {code(one.head and one.head[:10])}"]
    if one.files:
        lines = [
            [code(f.path), *("" if n is None else f"{n:,}" for n in (f.added, f.removed))]
            for f in one.files
        ]
        text.append(_table(["file", "+:", "−:"], lines, rows))
    if (more := (one.total or 0) - len(one.files)) > 0:
        text.append(f"… and {counted(more, 'more file')}.")
    if words := code_words(one):
        text.append(f"{words[0].upper()}{words[1:]}.")
    if one.total == 0:
        text.append("No file differs.")
    return _folded("Code", one.total, "\n\n".join(text))


def runs(review: Review, rows: int) -> str:
    """Write the new runs, those that did not finish first."""
    if not review.runs:
        return ""
    ordered = sorted(review.runs, key=lambda run: run.state == "finished")
    several = len(review.comparisons) > 1
    lines = []
    for run in ordered:
        name, url = code(run.name, 40), run_url(review.site_url, run.project, run.id)
        lines.append(
            [
                f"[{name}]({url})" if url else name,
                code(run.id),
                run.state,
                *([str(run.comparison or "")] if several else []),
                short_duration(min(run.duration, 1e12) if run.duration is not None else None),
                code(run.error) if run.error else "",
            ]
        )
    head = ["run", "id", "state", *(["configuration"] if several else []), "time:", "error"]
    return _folded("New runs", len(review.runs), _table(head, lines, rows))


def footer(review: Review) -> str:
    """Write where to look further, and of which commits all this is said."""
    words = []
    if review.comparisons and (url := _comparison_url(review, review.comparisons[0])):
        words.append(f"[Compare on the site]({url})")
    for name, side in (("base", review.base), ("head", review.head)):
        if side.commit:
            words.append(f"{name} {code(side.commit[:10])}")
    return " · ".join([*words, f"gitrack {code(review.made_by, 20)}"])


def _comparison_url(review: Review, one: Comparison) -> str | None:
    base = one.base.ids if one.base else ()
    ids = [*base[: _LINKED // 2], *one.head.ids[: _LINKED // 2]]
    if len(ids) < 2 or not all(map(is_run_id, ids)):  # noqa: PLR2004  one run is no comparison
        return None
    url = project_url(review.site_url, one.project, "compare.html")
    return url and f"{url}?{urlencode({'runs': ','.join(ids), 'base': ids[0]}, safe=',')}"


def _branches(review: Review) -> list[str]:
    """Name the two sides, as the head of a table does."""
    names = (side.branch.removeprefix(EXPERIMENTS) for side in (review.base, review.head))
    return [code(name, _BRANCH) for name in names]


def _percent(level: float) -> str:
    return f"{100 * level:g} %"


def _folded(title: str, count: int | None, text: str) -> str:
    number = "" if count is None else f" ({count:,})"
    return f"<details><summary><b>{title}</b>{number}</summary>\n\n{text}\n\n</details>"


def _table(head: Sequence[str], lines: Sequence[Sequence[str]], rows: int) -> str:
    """Write a table; a head that ends with a colon stands over numbers."""
    marks = ["---:" if name.endswith(":") else "---" for name in head]
    names = [name.removesuffix(":") for name in head]
    shown = [names, marks, *lines[:rows]]
    text = "\n".join(f"| {' | '.join(cells)} |" for cells in shown)
    return text + (f"\n\n… and {len(lines) - rows} more." if len(lines) > rows else "")
