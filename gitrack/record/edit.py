"""An edit of a recorded run as a person asks for it, with secrets taken out first."""

from typing import Any

from gitrack.model.edit import Edit
from gitrack.record.identity import redacted_texts
from gitrack.record.notice import tell
from gitrack.record.redaction import learn, report
from gitrack.settings import read_settings
from gitrack.store.repository import Repository


def clean_edit(repository: Repository, **fields: Any) -> Edit:
    """
    Make an edit whose texts hold no secret that a recorder would have taken out.

    Parameters
    ----------
    repository : Repository
        Whose ``gitrack.toml`` may name more secrets.
    **fields : Any
        As `Edit` takes them, lists of texts as tuples.

    Raises
    ------
    NameRefusedError
        If a text is too long or holds control characters.
    ConfigError
        If the settings cannot be read.
    """
    learn(read_settings(repository.work_tree).secrets)
    edit = Edit(**redacted_texts(fields))
    if count := sum(found.count for found in report()):
        tell(f"taken out of the text: {count} secret{'s' * (count > 1)}")
    return edit
