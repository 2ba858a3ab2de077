"""The files of a run: where each stands, how large it is, how to get it."""

from gitrack.publish.sections.base import Section, Source
from gitrack.store.layout import is_for_hosts
from gitrack.store.pointers import SUFFIX, pointer_from_dvc

#: Folders whose files are shown elsewhere on the page, under the names they were logged by.
_FOLDED = ("media/", "tables/")


def files_section(source: Source) -> Section | None:
    """List the run's files: name, "git" or "dvc", bytes, and how many a folder holds."""
    rows: list[list[str | int]] = []
    folded = {folder: [0, 0] for folder in _FOLDED}
    shown = {path: size for path, size in source.sizes.items() if not is_for_hosts(path)}
    for path, size in sorted(shown.items()):
        if path.endswith(SUFFIX) and (content := source.read(path)) is not None:
            pointer = pointer_from_dvc(content, f"{source.record.path}/{path}")
            rows.append([path.removesuffix(SUFFIX), "dvc", pointer.size, 1])
        elif (folder := f"{path.partition('/')[0]}/") in folded:
            folded[folder][0] += size
            folded[folder][1] += 1
        else:
            rows.append([path, "git", size, 1])
    rows += [[folder, "git", size, many] for folder, (size, many) in folded.items() if many]
    if not rows:
        return None
    data = {"run": source.record.run.id, "files": sorted(rows)}
    return Section("files", "Files", source.script(data), len(shown))
