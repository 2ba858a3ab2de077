# what CI runs
check: lint types floors spelling test

lint:
    ruff check
    ruff format --check

types:
    mypy

floors:
    lint-imports

spelling:
    codespell

test *ARGS:
    pytest {{ARGS}}

# regenerate the site of the demo's runs
demo:
    gitrack demo

bench NAME:
    python tests/benchmarks/{{NAME}}.py
