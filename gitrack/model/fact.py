"""One line of what a set-up is like."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """
    Something that is so, and what to do where it should not be.

    Attributes
    ----------
    topic : str
        What it is about, in a word or two.
    what : str
        How it is.
    hint : str
        What to do about it; empty where all is well.
    """

    topic: str
    what: str
    hint: str = ""
