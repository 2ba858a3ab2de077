"""The versions of artifacts that a run made and used."""

from gitrack.publish.sections.base import Section, Source


def artifacts_section(source: Source) -> Section | None:
    """
    List what the run says that it made and used.

    What is known of a version beside that, and who else used it, is the project's: its own
    script tells it, since it changes without the run.
    """
    uses = source.record.run.artifacts
    if not uses:
        return None
    rows = [[one.use, one.id, one.name, one.version, one.digest] for one in uses]
    made = sum(one.use == "output" for one in uses)
    words = [f"{made} made"] * bool(made) + [f"{len(uses) - made} used"] * (made < len(uses))
    return Section("artifacts", "Artifacts", source.script({"uses": rows}), None, ", ".join(words))
