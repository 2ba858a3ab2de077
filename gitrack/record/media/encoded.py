"""Images and sounds that somebody encoded already, kept byte for byte."""

from typing import ClassVar

from gitrack.record.media.base import Item, Media, RecordFiles, Spool
from gitrack.record.media.kinds import kind_of

_IMAGES = (
    (b"\x89PNG", ".png"), (b"\xff\xd8", ".jpg"), (b"GIF8", ".gif"), (b"BM", ".bmp"),
)  # fmt: skip
_SOUNDS = ((b"RIFF", ".wav"), (b"OggS", ".ogg"), (b"fLaC", ".flac"), (b"ID3", ".mp3"))


class _Encoded(Media):
    _known: ClassVar[tuple[tuple[bytes, str], ...]]

    def __init__(self, content: bytes, caption: str | None = None) -> None:
        self._content = content
        self.caption = caption

    def spool(self, spool: Spool) -> Item:
        """Keep the content as it is."""
        name = spool.keep(self._content)
        suffixes = (end for begin, end in self._known if self._content.startswith(begin))
        return {
            "type": self.type,
            "caption": self.caption,
            "spooled": [name],
            "name": name,
            "suffix": next(suffixes, ""),
        }

    @classmethod
    def encode(cls, item: Item, spool: Spool, files: RecordFiles) -> Item:
        """Let the kind itself do it."""
        return kind_of(cls.type).encode(item, spool, files)


class EncodedImage(_Encoded):
    """
    An image as the bytes of its file.

    Parameters
    ----------
    content : bytes
        PNG, JPEG, GIF or anything that Pillow reads.
    caption : str, optional
        What stands below it.
    """

    type: ClassVar[str] = "image"
    _known = _IMAGES

    def spool(self, spool: Spool) -> Item:
        """Keep the content as it is."""
        return {**super().spool(spool), "source": "file", "mode": None}


class EncodedAudio(_Encoded):
    """
    A sound as the bytes of its file.

    Parameters
    ----------
    content : bytes
        WAV as a rule.
    caption : str, optional
        What stands below it.
    """

    type: ClassVar[str] = "audio"
    _known = _SOUNDS

    def spool(self, spool: Spool) -> Item:
        """Keep the content as it is."""
        return {**super().spool(spool), "sample_rate": None}
