"""The machine and the variables that a run found, told more closely than its page's head does."""

from gitrack.publish.environment import machine
from gitrack.publish.sections.base import Section, Source


def machine_section(source: Source) -> Section | None:
    """
    List hardware and variables of the environment.

    Runs of one machine and environment share the script: nothing in it is a run's own.
    """
    run = source.record.run
    hardware = [[pair.label, pair.value] for pair in machine(run)]
    variables = [list(pair) for pair in run.environment.items()]
    if not hardware and not variables:
        return None
    script = source.script({"hardware": hardware, "variables": variables})
    return Section("machine", "Machine", script, len(hardware) + len(variables))
