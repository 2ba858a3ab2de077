"""Reports: Markdown whose panels, values and claims come of what runs recorded."""
