"""The files of a run: where each stands, how large it is, how to get it."""

from gitrack.publish.sections.base import Section, Source
from gitrack.store.pointers import SUFFIX, pointer_from_dvc


def files_section(source: Source) -> Section | None:
    """List the run's files: name, "git" or "dvc", and bytes."""
    rows = []
    for path, size in sorted(source.sizes.items()):
        if path.endswith(SUFFIX) and (content := source.read(path)) is not None:
            pointer = pointer_from_dvc(content, f"{source.record.path}/{path}")
            rows.append([path.removesuffix(SUFFIX), "dvc", pointer.size])
        else:
            rows.append([path, "git", size])
    if not rows:
        return None
    data = {"run": source.record.run.id, "files": rows}
    return Section("files", "Files", source.script(data), len(rows))
