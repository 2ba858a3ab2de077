"""What the runs of a branch change: matched, tested, judged by rules, told in Markdown and JSON."""
