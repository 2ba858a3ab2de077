"""The Jinja2 templates of generated pages."""

from functools import cached_property
from typing import TYPE_CHECKING

from gitrack.resources import data_dir

if TYPE_CHECKING:
    import jinja2


class Templates:
    """
    ``templates/``, filled with contexts.

    Everything is escaped, whatever a template is called: all that was logged is untrusted.
    """

    def render(self, name: str, page: object) -> str:
        """Fill ``pages/<name>`` with one of the dataclasses of `gitrack.publish.contexts`."""
        return self._environment.get_template(f"pages/{name}").render(page=page)

    def plain(self, name: str, page: object) -> str:
        """Fill a template of a file that is no page, in which nothing is escaped."""
        environment = self._environment.overlay(autoescape=False)
        return environment.get_template(name).render(page=page)

    @cached_property
    def _environment(self) -> "jinja2.Environment":
        import jinja2

        return jinja2.Environment(
            loader=jinja2.FileSystemLoader(data_dir("templates")),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
