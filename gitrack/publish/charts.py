"""The charts' looks, drawn once a kind; the browser fills them with the runs' data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bokeh.plotting import figure

FONT = '"Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
HEIGHT = 172


def line_chart() -> figure:
    """
    Draw the frame of a line chart, one line a run.

    Returns
    -------
    bokeh.plotting.figure
        ``patches`` over the empty source ``bands`` (columns ``xs``, ``ys``, ``color``, ``alpha``:
        a polygon for each stretch of a group's spread), two ``multi_line`` over ``raw`` and
        ``lines`` (``xs``, ``ys``, ``color``, ``width``, ``alpha``, ``dash``) and one ``scatter``
        over ``marks`` (``x``, ``y``, ``color``, ``fill``, ``marker``, ``size``). Both axes are
        linear and carry fixed ticks: the browser takes logarithms itself, so that ranges, ticks
        and crosshair have one idea of what lies where. Colours of frame, grid and labels come
        from the page's ``--bk-*`` properties.
    """
    from bokeh.models import ColumnDataSource

    chart = _frame()
    chart.patches(
        "xs",
        "ys",
        source=ColumnDataSource({"xs": [], "ys": [], "color": [], "alpha": []}, name="bands"),
        fill_color="color",
        fill_alpha="alpha",
        line_color=None,
    )
    columns = ("xs", "ys", "color", "width", "alpha", "dash")
    for name in ("raw", "lines"):
        chart.multi_line(
            "xs",
            "ys",
            source=ColumnDataSource({column: [] for column in columns}, name=name),
            line_color="color",
            line_width="width",
            line_alpha="alpha",
            line_dash="dash",
            line_join="bevel",
            # A layer of its own: smoothing paints the lines alone, not the axes and the rest.
            level="overlay" if name == "lines" else "glyph",
        )
    marks = ("x", "y", "color", "fill", "marker", "size")
    chart.scatter(
        "x",
        "y",
        source=ColumnDataSource({column: [] for column in marks}, name="marks"),
        marker="marker",
        size="size",
        line_color="color",
        line_width=1.5,
        fill_color="fill",
        level="overlay",
    )
    return chart


def mark_chart() -> figure:
    """
    Draw the frame of a chart of rectangles, lines, points and texts.

    Returns
    -------
    bokeh.plotting.figure
        Over empty sources: ``quads`` (columns ``left``, ``right``, ``bottom``, ``top``, ``color``,
        ``alpha``), ``areas`` (``xs``, ``ys``, ``color``, ``alpha``), ``lines`` (as in
        `line_chart`), ``points`` (``x``, ``y``, ``color``, ``alpha``, ``size``, ``marker``) and
        ``texts`` (``x``, ``y``, ``text``, ``color``). Bars, histograms, violins, matrices,
        scatters and curves of rates are all made of these; names of an axis are its fixed ticks'
        labels.
    """
    from bokeh.core.properties import value
    from bokeh.models import ColumnDataSource

    chart = _frame()

    def source(name: str, columns: str) -> ColumnDataSource:
        return ColumnDataSource({column: [] for column in columns.split()}, name=name)

    chart.quad(
        left="left",
        right="right",
        bottom="bottom",
        top="top",
        source=source("quads", "left right bottom top color alpha"),
        fill_color="color",
        fill_alpha="alpha",
        line_color=None,
    )
    chart.patches(
        "xs",
        "ys",
        source=source("areas", "xs ys color alpha"),
        fill_color="color",
        fill_alpha="alpha",
        line_color=None,
    )
    chart.multi_line(
        "xs",
        "ys",
        source=source("lines", "xs ys color width alpha dash"),
        line_color="color",
        line_width="width",
        line_alpha="alpha",
        line_dash="dash",
        line_join="bevel",
    )
    chart.scatter(
        "x",
        "y",
        source=source("points", "x y color alpha size marker"),
        marker="marker",
        size="size",
        line_color="color",
        line_alpha="alpha",
        fill_color="color",
        fill_alpha="alpha",
    )
    chart.text(
        "x",
        "y",
        text="text",
        source=source("texts", "x y text color"),
        text_color="color",
        text_font=value(FONT),
        text_font_size="11px",
        text_align="center",
        text_baseline="middle",
    )
    return chart


def _frame() -> figure:
    """Make an empty chart with fixed ticks, that takes the room it gets."""
    from bokeh.models import FixedTicker, Range1d
    from bokeh.plotting import figure

    chart = figure(
        height=HEIGHT,
        sizing_mode="stretch_both",
        toolbar_location=None,
        tools="",
        output_backend="canvas",
        x_range=Range1d(0, 1),
        y_range=Range1d(0, 1),
        min_border_left=42,
        min_border_right=12,
        min_border_top=8,
        min_border_bottom=22,
        outline_line_color=None,
        background_fill_alpha=0,
        border_fill_alpha=0,
    )
    for axis in chart.axis:
        axis.ticker = FixedTicker(ticks=[])
        axis.major_tick_line_color = None
        axis.major_tick_out = 0
        axis.minor_tick_line_color = None
        axis.major_label_text_font = FONT
        axis.major_label_text_font_size = "11px"
        axis.major_label_standoff = 6
    chart.yaxis.axis_line_color = None
    chart.xgrid.visible = False
    chart.ygrid.ticker = chart.yaxis[0].ticker
    return chart


def chart_templates() -> dict[str, Any]:
    """
    Serialise every kind of chart.

    Returns
    -------
    dict of str to Any
        A Bokeh JSON item by kind of chart (``line``, ``marks``), the same for the same version
        of Bokeh.
    """
    from bokeh.embed import json_item

    charts = {"line": line_chart, "marks": mark_chart}
    return {kind: _renamed(json_item(draw())) for kind, draw in charts.items()}


def _renamed(item: Any) -> Any:
    """Give models and documents names that do not depend on what was drawn before."""
    names: dict[str, str] = {}

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            name = value.get("id")
            if isinstance(name, str):
                names.setdefault(name, f"g{len(names)}")
            for inner in value.values():
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)

    def rename(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: names.get(inner, inner)
                if key in {"id", "root_id"} and isinstance(inner, str)
                else rename(inner)
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [rename(inner) for inner in value]
        return value

    collect(item)
    return rename(item)
