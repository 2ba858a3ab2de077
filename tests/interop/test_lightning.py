"""A Lightning module that trains on digits is recorded by the logger of gitrack's own."""

import pytest

DIGITS = """
import warnings, json
warnings.filterwarnings("ignore")
import torch
import LIGHTNING as L
from LIGHTNING.callbacks import ModelCheckpoint
from sklearn.datasets import load_digits
import gitrack
from gitrack.interop.lightning import GitrackLogger

x, y = load_digits(return_X_y=True)
data = torch.utils.data.TensorDataset(torch.tensor(x / 16).float(), torch.tensor(y))
def batches():
    return torch.utils.data.DataLoader(data, batch_size=256)

class Digits(L.LightningModule):
    def __init__(self, rate=0.05, end=None):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(64, 10)
    def training_step(self, batch, number):
        loss = torch.nn.functional.cross_entropy(self.layer(batch[0]), batch[1])
        self.log("train/loss", loss)
        if self.hparams.end and self.global_step == self.hparams.end:
            raise RuntimeError("the machine burns")
        return loss
    def validation_step(self, batch, number):
        right = (self.layer(batch[0]).argmax(1) == batch[1]).float().mean()
        self.log("val/accuracy", right)
    test_step = validation_step
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), self.hparams.rate)

def trainer(logger, epochs=2, **checkpoint):
    return L.Trainer(
        logger=logger, max_epochs=epochs, log_every_n_steps=1, accelerator="cpu",
        enable_progress_bar=False, enable_model_summary=False,
        callbacks=[ModelCheckpoint(monitor="val/accuracy", mode="max", **checkpoint)])
"""


def test_fit_and_test_are_one_run_with_metrics_settings_media_and_checkpoints(trained, versions):
    source = DIGITS.replace("LIGHTNING", "lightning.pytorch") + (
        "L.seed_everything(0, verbose=False)\n"
        "logger = GitrackLogger(project='digits', name='first', save_dir='kept', log_model=True)\n"
        "assert logger.version is None and logger.name == 'digits'\n"
        "model = Digits()\n"
        "logger.watch(model, log_freq=5)\n"
        "fit = trainer(logger)\n"
        "fit.fit(model, batches(), batches())\n"
        "fit.test(model, batches(), verbose=False)\n"
        "run = logger.experiment\n"
        "logger.log_image('input', [x[0].reshape(8, 8) / 16, x[1].reshape(8, 8) / 16],\n"
        "                 caption=['a zero', 'a one'])\n"
        "logger.log_table('few', columns=['a', 'b'], data=[[1, 2]])\n"
        "logger.log_text('said', columns=['word'], data=[['yes']])\n"
        "logger.log_image('wrong', 'no list')\n"
        "assert logger.version == run.id and logger.name == 'digits'\n"
        "best = fit.checkpoint_callback\n"
        "print(json.dumps([best.best_model_path, float(best.best_model_score)]))\n"
        "every = GitrackLogger(project='digits', name='second', log_model='all',\n"
        "                      checkpoint_name='every', prefix='b')\n"
        "trainer(every, epochs=3, save_top_k=-1).fit(Digits(0.01), batches(), batches())\n"
        "assert not run.recording and every.experiment.recording\n"
        "every.finish()\n"
        "third = GitrackLogger(name='third')\n"
        "try:\n"
        "    trainer(third).fit(Digits(0.01, 3), batches(), batches())\n"
        "except RuntimeError:\n"
        "    print(third._attached.begun.state)\n"
    )
    first, second, third = trained(source, "lightning", "torch", "sklearn", quiet=False)
    import json

    path, score = json.loads(trained.done.stdout.splitlines()[0])
    assert first.run.name == "first"
    assert first.run.project == "digits"
    assert first.run.state == "finished"
    assert first.config == {"rate": 0.05, "end": None}
    history = first.history()
    losses = history[["trainer/global_step", "train/loss"]].dropna()
    assert losses["trainer/global_step"].tolist() == list(range(16))  # eight batches, two epochs
    assert losses["train/loss"].iloc[-1] < losses["train/loss"].iloc[0]
    accuracies = history["val/accuracy"].dropna().tolist()
    assert max(accuracies) == pytest.approx(score)
    assert len(accuracies) == 3  # two validations, one test of its own
    assert {"gradients/layer.weight", "gradients/layer.bias"} == set(first.histograms()["key"])
    captions = [facts["caption"] for facts in first.media("input")["facts"]]
    assert captions == ["a zero", "a one"]
    assert first.table("few").to_dict("records") == [{"a": 1, "b": 2}]
    assert first.table("said")["word"].tolist() == ["yes"]
    assert any("wrong: a list is logged" in line for line in trained.said)

    ((_, metadata, aliases),) = versions(f"model-{first.id}")
    assert metadata["score"] == pytest.approx(score)
    assert "best" in aliases
    assert path.split("kept/")[1].startswith(f"digits/{first.id}/checkpoints/")

    assert [m["ModelCheckpoint"]["save_top_k"] for _, m, _ in versions("every")] == [-1] * 3
    assert "b-train/loss" in second.history().columns
    assert third.run.state == "failed"
    assert third.run.error == "RuntimeError: the machine burns"
    assert trained.done.stdout.splitlines()[-1] == "failed"


def test_the_logger_serves_pytorch_lightning_too_and_other_ranks_record_nothing(trained):
    source = DIGITS.replace("LIGHTNING", "pytorch_lightning") + (
        "from pytorch_lightning.loggers import Logger\n"
        "logger = GitrackLogger()\n"
        "assert isinstance(logger, Logger)\n"
        "with gitrack.init(project='own') as run:\n"
        "    trainer(logger, 1).fit(Digits(), batches(), batches())\n"
        "    assert logger.experiment is run and run.recording\n"
        "    import pickle\n"
        "    assert pickle.loads(pickle.dumps(logger)).experiment is run\n"
        "from pytorch_lightning.utilities.rank_zero import rank_zero_only\n"
        "rank_zero_only.rank = 1\n"
        "logger = GitrackLogger()\n"
        "logger.log_metrics({'loss': 1.0}, 3)\n"
        "logger.log_hyperparams({'rate': 1})\n"
        "logger.experiment.log({'loss': 1.0})\n"
        "logger.log_image('input', [x[0].reshape(8, 8)])\n"
        "logger.finalize('success')\n"
        "assert gitrack.run is run\n"
    )
    (run,) = trained(source, "pytorch_lightning", "torch", "sklearn")
    assert run.run.project == "own"
    assert run.history()["train/loss"].notna().sum() == 8
