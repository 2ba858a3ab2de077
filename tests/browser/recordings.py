"""What the browser tests look at; run in a repository, with ``crash`` to die in the middle."""

import math
import os
import random
import sys

import gitrack

MARK = "window.broken=1"
VECTORS = [
    f"<script>{MARK}</script>",
    f"</script><script>{MARK}</script>",
    f"<img src=x onerror={MARK}>",
    f'"><svg onload={MARK}>',
    f"'-({MARK})-'",
    f"javascript:{MARK}",
    f"[a](javascript:{MARK})",
    "![x](http://evil.example/x.png)",
    "{{ 7*7 }}{% raw %}",
    "${7*7}`",
    f"]]><!--<script>{MARK}</script>",
    "GITRACKRUNCONTENT GITRACKRUNTITLE",
    "\u202edesrever\u2028line\u2029\u0000nul",
    "__proto__",
    "constructor",
    "emoji 😀 \n newline \\ backslash",
    "@@x@@ &lt;b&gt; &#60;i&#62;",
    "../../../etc/passwd",
    "x" * 3000,
]


def curves() -> None:
    for number in range(12):
        lr = (0.1, 0.03, 0.01)[number % 3]
        noise = random.Random(number)
        with gitrack.init(
            project="curves",
            name=f"curve-{number:02}",
            id=f"c{number:02}",
            group=f"lr-{lr}",
            tags=["baseline"] if number < 2 else ["late"],
            config={"lr": lr, "seed": number, "model": {"depth": 3}, "same": "yes"},
            notes="a note about step size" if number == 3 else None,
        ) as run:
            for step in range(40):
                loss = math.exp(-step * lr) + 0.05 * noise.random()
                row = {"train/loss": loss, "val": {"accuracy": 1 - loss / 2}, "tokens": step * 1000}
                if number == 4 and 10 <= step < 13:
                    row["train/loss"] = math.nan
                if number < 3:
                    row["extra"] = math.sin(step / 5 + number)
                run.log(row)


def long_run() -> None:
    noise = random.Random(7)
    with gitrack.init(project="long", name="long", id="long", config={"n": 5000}) as run:
        for step in range(5000):
            spike = 50.0 if step == 3333 else 0.0
            run.log({"loss": 1 / (1 + step / 100) + 0.01 * noise.random() + spike})


def hostile() -> None:
    for number, text in enumerate(VECTORS):
        with gitrack.init(
            project="hostile",
            id=f"h{number:02}",
            name=text,
            group=text,
            job_type=text,
            entity=text,
            notes=text,
            tags=[text, "ok"],
            config={text: text, "nested": {text: [text, {text: 1}]}, "__proto__": {"polluted": 1}},
        ) as run:
            for step in range(3):
                run.log({text: step, f"{text}/loss": step / 2, "plain": step, "said": text})
            run.summary[f"{text} best"] = text


def many() -> None:
    """Sections of many charts, names that patterns and spreadsheets misread, uneven steps."""
    formula = '=HYPERLINK("http://evil.example","x")'
    for number, name in enumerate((formula, 'said "so", twice', "plain")):
        noise = random.Random(number)
        with gitrack.init(project="many", name=name, id=f"m{number}", config={"n": number}) as run:
            step = 0
            for row in range(30):
                step += 1 + row % 3
                values = {f"train/m{chart:02}": noise.random() for chart in range(60)}
                values |= {f"val/m{chart}": noise.random() + chart for chart in range(4)}
                values |= {"val/f1(a+b)*[x]": noise.random(), "alone": noise.random()}
                values["val/gap"] = math.nan if row == 11 else noise.gauss(1, 0.2)
                values["val/spike"] = 1e6 if row == 20 else noise.random()
                run.log(values, step=step)


def crash() -> None:
    run = gitrack.init(project="curves", name="crashing", id="dead", config={"lr": 1.0, "seed": 99})
    for step in range(7):
        run.log({"train/loss": 1.0 + step, "val": {"accuracy": 0.1}})
    os._exit(9)


if __name__ == "__main__":
    if sys.argv[1:] == ["crash"]:
        crash()
    curves()
    long_run()
    many()
    hostile()
