import subprocess
import sys

import gitrack

HEAVY = "git dvc numpy pandas pyarrow bokeh mkdocs orjson filelock yaml psutil".split()


def test_what_is_exported_is_what_all_names():
    assert dir(gitrack) == sorted(gitrack.__all__)
    for name in gitrack.__all__:
        assert hasattr(gitrack, name)


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(gitrack, "no_such_name")


def test_importing_gitrack_imports_nothing_heavy():
    source = f"import sys, gitrack; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", source], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


def test_a_disabled_run_imports_nothing_heavy(clean):
    source = (
        "import sys, gitrack\n"
        "run = gitrack.init(mode='disabled', config={'lr': 1})\n"
        "gitrack.log({'loss': 0.5})\n"
        "assert gitrack.summary['loss'] == 0.5 and gitrack.config.lr == 1 and run.step == 1\n"
        "gitrack.finish()\n"
        "heavy = 'git dvc numpy pandas pyarrow bokeh psutil yaml'.split()\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], check=True, capture_output=True, text=True, cwd=clean
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
    assert not (clean / "own").exists()
