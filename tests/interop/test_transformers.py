"""A small transformer learns digits, each pixel a token, and its Trainer is recorded."""

import json

import gitrack

DIGITS = """
import warnings, json
warnings.filterwarnings("ignore")
import torch, transformers
from sklearn.datasets import load_digits
import gitrack
from gitrack.interop.transformers import GitrackCallback
transformers.logging.set_verbosity_error()
x, y = load_digits(return_X_y=True)
rows = [{"input_ids": [int(p) for p in a], "labels": int(b)} for a, b in zip(x[:96], y[:96])]

def trainer(name="first", callbacks=(), **options):
    config = transformers.BertConfig(
        vocab_size=17, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=64, num_labels=10)
    transformers.set_seed(0)
    args = transformers.TrainingArguments(
        output_dir="out-" + name, run_name=name, num_train_epochs=1, logging_steps=2,
        per_device_train_batch_size=16, eval_strategy="epoch", disable_tqdm=True,
        use_cpu=True, **{"report_to": "none", "save_strategy": "no", **options})
    return transformers.Trainer(
        transformers.BertForSequenceClassification(config), args, train_dataset=rows[:64],
        eval_dataset=rows[64:], callbacks=list(callbacks))
"""


def test_a_trainer_and_its_search_are_recorded(trained, versions, tmp_path):
    source = DIGITS + (
        "first = trainer(report_to='gitrack')\n"
        "first.train()\n"
        "first.evaluate()\n"
        "first.predict(rows[64:])\n"
        "watching = GitrackCallback(project='own', log_model='checkpoint', watch='all')\n"
        "second = trainer('second', [watching], save_strategy='epoch')\n"
        "second.train()\n"
        "name = f'model-{gitrack.run.id}:final'\n"
        "gitrack.finish()\n"
        "with gitrack.init(name='mine') as run:\n"
        "    third = trainer('third', [GitrackCallback()])\n"
        "    third.train()\n"
        "    assert run.recording\n"
        "print(json.dumps([one.state.log_history for one in (first, third)]))\n"
        f"folder = gitrack.artifact(name).download({str(tmp_path / 'model')!r})\n"
        "again = transformers.BertForSequenceClassification.from_pretrained(folder)\n"
        "kept = second.model.state_dict()\n"
        "assert all(torch.equal(v, kept[k]) for k, v in again.state_dict().items())\n"
        "try:\n"
        "    GitrackCallback(log_model='never')\n"
        "except ValueError as error:\n"
        "    print(error)\n"
        "search = trainer('search', report_to='gitrack')\n"
        "search.model_init = lambda: trainer('search').model\n"
        "search.hyperparameter_search(\n"
        "    lambda trial: {'learning_rate': trial.suggest_float('learning_rate', 1e-4, 1e-2)},\n"
        "    n_trials=2, backend='optuna', direction='minimize')\n"
    )
    packages = "transformers accelerate optuna torch sklearn".split()
    first, second, third, *trials = trained(source, *packages)
    lines = trained.done.stdout.splitlines()
    (told,) = [line for line in lines if line.startswith("[[{")]
    (refused,) = [line for line in lines if line.startswith("log_model is")]
    assert refused.endswith("False, 'end' or 'checkpoint', not 'never'")

    for run, log in zip((first, third), json.loads(told), strict=True):
        history = run.history()
        losses = [entry["loss"] for entry in log if "loss" in entry]
        assert history["train/loss"].dropna().tolist() == losses
        steps = [entry["step"] for entry in log if "loss" in entry]
        assert history.dropna(subset="train/loss")["train/global_step"].tolist() == steps
        evaluated = [entry["eval_loss"] for entry in log if "eval_loss" in entry]
        assert history["eval/loss"].dropna().tolist() == evaluated
        (total,) = [entry["train_loss"] for entry in log if "train_loss" in entry]
        assert run.summary["train_loss"] == total
    assert first.run.name == "first"
    assert first.history()["test/loss"].notna().sum() == 1
    assert first.config["model"]["hidden_size"] == 16
    assert first.config["learning_rate"] == 5e-5
    assert third.run.name == "mine"

    assert second.run.project == "own"
    assert "gradients/classifier.weight" in set(second.histograms()["key"])
    found = versions(f"model-{second.id}")
    assert [metadata["global_step"] for _, metadata, _ in found] == [4, 4]
    assert "checkpoint-4" in found[0][2]
    assert "trainer_state.json" in gitrack.artifact(f"model-{second.id}:v0").files()

    assert [run.run.group for run in trials] == ["search", "search"]
    assert len({run.config["learning_rate"] for run in trials}) == 2
    assert all(run.run.state == "finished" for run in trials)


def test_accelerates_tracker_records_what_is_logged(trained):
    source = (
        "import numpy, torch\n"
        "from accelerate import Accelerator\n"
        "from sklearn.datasets import load_digits\n"
        "import gitrack\n"
        "from gitrack.interop.accelerate import GitrackTracker\n"
        "x, y = load_digits(return_X_y=True)\n"
        "data = torch.utils.data.TensorDataset(torch.tensor(x / 16).float(), torch.tensor(y))\n"
        "def train(accelerator):\n"
        "    accelerator.init_trackers('digits', {'rate': 0.1},\n"
        "        init_kwargs={'gitrack': {'name': 'named', 'tags': ['a']}})\n"
        "    model = torch.nn.Linear(64, 10)\n"
        "    rate = torch.optim.SGD(model.parameters(), 0.1)\n"
        "    loader = torch.utils.data.DataLoader(data, batch_size=256)\n"
        "    model, rate, loader = accelerator.prepare(model, rate, loader)\n"
        "    for step, (pixels, digit) in enumerate(loader):\n"
        "        loss = torch.nn.functional.cross_entropy(model(pixels), digit)\n"
        "        accelerator.backward(loss)\n"
        "        rate.step()\n"
        "        rate.zero_grad()\n"
        "        accelerator.log({'loss': loss.item()}, step=step * 10)\n"
        "    tracker = accelerator.get_tracker('gitrack')\n"
        "    tracker.log_images({'input': [x[0].reshape(8, 8)]}, step=80)\n"
        "    tracker.log_table('few', columns=['a'], data=[[1]], step=80)\n"
        "    assert accelerator.get_tracker('gitrack', unwrap=True) is gitrack.run\n"
        "    accelerator.end_training()\n"
        "try:\n"
        "    accelerator = Accelerator(log_with='gitrack', cpu=True)\n"
        "except ValueError:\n"
        "    accelerator = Accelerator(cpu=True, log_with=GitrackTracker('digits', name='named'))\n"
        "train(accelerator)\n"
        "assert not gitrack.run.recording\n"
        "with gitrack.init(name='mine') as run:\n"
        "    train(Accelerator(log_with=GitrackTracker(), cpu=True))\n"
        "    assert run.recording\n"
    )
    named, mine = trained(source, "accelerate", "torch", "sklearn")
    assert (named.run.name, named.run.project, named.run.state) == ("named", "digits", "finished")
    assert mine.run.name == "mine"
    for run in (named, mine):
        history = run.history()
        assert history["_step"].tolist() == [*range(0, 80, 10), 80]
        losses = history["loss"].dropna().tolist()
        assert len(losses) == 8
        assert losses[-1] < losses[0]
        assert run.config == {"rate": 0.1}
        assert len(run.media("input")) == 1
        assert run.table("few")["a"].tolist() == [1]
