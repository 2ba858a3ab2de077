"""Large data: whether what the records point at is here, whole, or on the remote."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gitrack.errors import DataError, FormatError, GitrackError
from gitrack.model.pointer import Pointer
from gitrack.store.data import DataStore
from gitrack.store.fsck.report import Report
from gitrack.store.moved import short_bytes
from gitrack.store.repository import Repository

_PULL = "gitrack pull --data"
_REPAIR = "gitrack fsck --repair puts it aside, and fetches it again"


@dataclass
class DataCheck:
    """
    What the records name of large data.

    Attributes
    ----------
    named : dict of str to (str, int or None)
        Where each object is named first, and its size where that is known, by its md5.
    """

    repository: Repository
    report: Report
    named: dict[str, tuple[str, int | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = DataStore(self.repository)
        self.objects = self.store.objects

    def check(self, pointers: Mapping[Pointer, str], *, deep: bool) -> None:
        """
        Look for the data behind pointers.

        Parameters
        ----------
        pointers : mapping of Pointer to str
            The pointers, and where each stands.
        deep : bool
            Whether all that is here is digested, and the remote is asked for the rest.
        """
        # Pointers at files tell sizes, which the listings of folders do not.
        for pointer, where in sorted(pointers.items(), key=lambda item: item[0].is_folder):
            self._name(pointer, where)
        absent = {}
        for md5, (where, size) in self.named.items():
            try:
                found = self.objects.path(md5).stat().st_size
            except OSError:
                absent[md5] = where
                continue
            if size is not None and found != size:
                self._damaged(md5, where, f"{found:,} bytes of {size:,} are here")
        if deep:
            self._digest()
            self._ask_remote(absent)
        elif absent:
            self._tell_absent(absent)

    def _name(self, pointer: Pointer, where: str) -> None:
        if not pointer.is_folder:
            self.named.setdefault(pointer.md5, (where, pointer.size))
            return
        self.named.setdefault(pointer.md5, (where, None))
        if not self.objects.has(pointer.md5):
            return
        if not self.objects.check(pointer.md5):
            self._damaged(pointer.md5, where, "the listing of its files is damaged here")
            return
        try:
            inner = self.store.folder(pointer)
        except (GitrackError, OSError) as error:
            reason = error.reason if isinstance(error, FormatError) else str(error)
            self.report.error("data", reason, _PULL, path=where, target=pointer.md5)
            return
        for path, one in inner.items():
            self.named.setdefault(one.md5, (f"{where}/{path}", None))

    def _damaged(self, md5: str, where: str, what: str) -> None:
        if not any(one.kind == "cache" and one.target == md5 for one in self.report.findings):
            self.report.error("cache", what, _REPAIR, path=where, target=md5)

    def _digest(self) -> None:
        """Read every object that is here."""
        done = 0
        for md5 in self.objects.all():
            self.report.tell(f"digesting large data: {short_bytes(done)}")
            done += self.objects.path(md5).stat().st_size
            if not self.objects.check(md5):
                where, _ = self.named.get(md5, ("large data that no record names", None))
                self._damaged(md5, where, "what is here has another digest than its name")

    def _ask_remote(self, absent: Mapping[str, str]) -> None:
        self.report.tell("asking the remote for large data")
        try:
            there = self.store.on_remote(self.named) if self.store.remote else None
        except (DataError, OSError) as error:
            self.report.warning("remote", f"the remote does not answer: {error}")
            return
        except GitrackError as error:
            self.report.warning("remote", str(error))
            return
        if there is None:
            if absent:
                self._tell_absent(absent)
            return
        for md5, where in absent.items():
            if md5 not in there:
                what = f"its data ({md5}) is neither here nor on {self.store.remote}"
                cure = "gitrack push on the machine that recorded it"
                self.report.error("data", what, cure, path=where, target=md5)
        if fetched := [md5 for md5 in absent if md5 in there]:
            self._tell_absent({md5: absent[md5] for md5 in fetched})
        if only := [md5 for md5 in self.named if md5 not in absent and md5 not in there]:
            what = f"{len(only)} objects of large data are on this machine alone"
            self.report.note("unpushed", what, "gitrack push", path=self.named[only[0]][0])

    def _tell_absent(self, absent: Mapping[str, str]) -> None:
        sizes = [self.named[md5][1] or 0 for md5 in absent]
        what = f"{len(absent)} objects of large data ({short_bytes(sum(sizes))}) are not here"
        place = {"path": next(iter(absent.values()))}
        try:
            remote = self.store.remote
        except GitrackError as error:
            self.report.warning("remote", f"{what}: {error}", **place)
            return
        if remote:
            self.report.note("absent", what, _PULL, **place)
        else:
            cure = "set data_remote in gitrack.toml; gitrack push on the machine that has it"
            self.report.warning("absent", f"{what}, and no remote is named", cure, **place)
