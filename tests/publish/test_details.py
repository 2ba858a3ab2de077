"""What a comparison asks of runs: sections, facts, texts that look like something else."""

from gitrack.model.run import Code, Host


def details_of(lab):
    site = lab.gather()
    assert len(site.details["digits"]) == len(site.data[0].chunks)
    return [run for place in site.details["digits"] for run in lab.put(place)["runs"]]


def test_each_run_names_its_sections_and_its_packages(lab):
    lab.add(files={"console.log": b"hello\n", "requirements.txt": b"numpy==2.0\n"})
    lab.add(files={"requirements.txt": b"numpy==2.0\n"})
    first, second = details_of(lab)
    assert [name for name, _ in first["sections"]] == ["console", "files"]
    assert lab.put(first["sections"][0][1]) == {"lines": ["hello"]}
    assert first["packages"] == second["packages"]
    assert lab.put(first["packages"]) == {"text": "numpy==2.0\n"}


def test_machine_and_environment_are_facts_of_a_run(lab):
    host = Host(name="box", cores=8, memory=2**34, gpus=("A100", "A100"))
    lab.add(
        host=host,
        python="3.12.1",
        command=("python", "t.py", "--note", "two words"),
        environment={"OMP": "4", "__proto__": "x"},
        hardware={"cuda": "12.4", "gpus": [{"name": "A100"}]},
    )
    (run,) = details_of(lab)
    facts = dict(run["facts"])
    assert facts["command"] == "python t.py --note 'two words'"
    assert facts["python"] == "3.12.1"
    assert (facts["host"], facts["cores"], facts["gpu"]) == ("box", "8", "A100, A100")
    assert (facts["$OMP"], facts["$__proto__"], facts["hardware.cuda"]) == ("4", "x", "12.4")
    assert "hardware.gpus" not in facts


def test_texts_that_look_like_another_value_are_told_apart(lab):
    config = {"a": "3", "b": 3, "c": "true", "d": True, "e": "[1]", "f": [1], "g": "plain"}
    lab.add(config=config | {"deep": {"h": "null", "i": None, "j.k": "1e-3", "l": "1 - 2"}})
    (run,) = details_of(lab)
    assert run["texts"] == ["a", "c", "e", "deep.h", "deep.j.k"]


def test_details_are_written_again_only_where_something_changed(lab):
    for _ in range(3):
        lab.add(metrics={"loss": [1.0]})
    assert len(details_of(lab)) == 3
    (before,) = (lab.out / "data/digits/details").iterdir()
    written = before.stat().st_mtime_ns
    details_of(lab)
    assert before.stat().st_mtime_ns == written
    lab.add(metrics={"loss": [1.0]}, code=Code(None))
    assert len(details_of(lab)) == 4
    assert before not in (lab.out / "data/digits/details").iterdir()


def test_the_index_says_where_details_and_commits_lie(lab, read_script):
    lab.add()
    site = lab.gather()
    index = read_script(dict(site.scripts())["data/digits/index.js"])
    assert index["chunks"]["details"] == site.details["digits"]
    assert index["commits"] is None
