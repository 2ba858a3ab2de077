"""Where data lies: a machine that has none of it, and the objects of a remote."""

import shutil

from gitrack.store.data import DataStore


def elsewhere(store, remote):
    """Give the store of a machine that has none of the data."""
    shutil.rmtree(store.root)
    return DataStore(store.repository)


def objects_in(folder):
    return sorted(
        path.parent.name + path.name for path in folder.glob("files/md5/??/*") if path.is_file()
    )
