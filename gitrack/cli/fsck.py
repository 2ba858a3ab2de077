"""Check every record, and repair what can be."""

import argparse
import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from gitrack.cli.place import add_place, untouched_repository_from
from gitrack.errors import DamagedError
from gitrack.model.finding import Finding, Severity
from gitrack.model.text import printable
from gitrack.record.notice import progress
from gitrack.store.repository import Repository

if TYPE_CHECKING:
    from gitrack.store.fsck.report import Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--repair", action="store_true", help="do what can be done safely")
    parser.add_argument(
        "--data", action="store_true", help="digest all large data, and ask its remote"
    )
    parser.add_argument("--signatures", action="store_true", help="verify every commit")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_place(parser)


def run(options: argparse.Namespace) -> None:
    """Check, repair if asked to, and say what is left."""
    from gitrack.store.fsck.check import Depth, check

    repository = untouched_repository_from(options)
    depth = Depth(data=options.data, signatures=options.signatures)
    with progress() as show:
        report = check(repository, depth, show)
        done = list(_repaired(repository, report)) if options.repair else []
        if done:
            report = check(repository, depth, show)
    if options.json:
        print(json.dumps(_as_json(report, done), indent=1))
    else:
        for line in done:
            print(printable(line))
        _print_findings(report)
    if errors := sum(finding.severity is Severity.ERROR for finding in report.findings):
        raise DamagedError(errors)


def _repaired(repository: Repository, report: "Report") -> list[str]:
    from gitrack.record.recovery import recover
    from gitrack.store.fsck.repair import Repair

    done = list(Repair(repository, report).run())
    for one, branch in recover(repository):
        done.append(f"committed the run {one.id} that waited: {one.rows} rows on {branch}")
    return done


def _as_json(report: "Report", done: list[str]) -> dict[str, object]:
    findings = [
        {key: value for key, value in asdict(finding).items() if value}
        for finding in report.findings
    ]
    return {"runs": report.runs, "repaired": done, "findings": findings}


def _print_findings(report: "Report") -> None:
    order = list(Severity)
    for finding in sorted(report.findings, key=lambda one: order.index(one.severity)):
        print(_line(finding))
    counts = Counter(finding.severity for finding in report.findings)
    parts = [f"{counts[severity]} {severity}s" for severity in order if counts[severity]]
    print(f"{report.runs} runs: {', '.join(parts) or 'all is well'}")


def _line(finding: Finding) -> str:
    where = f"{finding.where}: " if finding.where else ""
    cure = f"\n  → {printable(finding.cure)}" if finding.cure else ""
    return f"{finding.severity}: {printable(where + finding.what)}{cure}"
