"""Parts of a run's page that stand on files of the record: media, tables, console, code."""
