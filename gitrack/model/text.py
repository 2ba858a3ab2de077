"""Texts of others, fit to be shown: in one line, and in Markdown as they are."""

#: What would end a code span or a cell of a table, by what looks like it.
_LOOKALIKES = str.maketrans({"`": "\N{MODIFIER LETTER GRAVE ACCENT}", "|": "\N{BROKEN BAR}"})


def printable(text: str) -> str:
    r"""
    Return a text in one line, without anything that a terminal would act on.

    Examples
    --------
    >>> printable("a\nb\x1b[31m")
    'a b [31m'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def span_text(text: str, most: int) -> str:
    r"""
    Return what may stand in a code span of Markdown, in which hosts look for no mention or HTML.

    Parameters
    ----------
    text : str
        Anything.
    most : int
        Characters; what is longer is cut.

    Examples
    --------
    >>> span_text("a|b`\n<b>", 80), span_text("abcdef", 4)
    ('a¦bˋ <b>', 'abc…')
    """
    shown = " ".join(printable(text[: 10 * most]).split()).translate(_LOOKALIKES)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
