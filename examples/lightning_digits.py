"""
Train a Lightning module on handwritten digits, with gradients and the best checkpoint recorded.

    python examples/lightning_digits.py
"""

from typing import Any

import lightning as L  # noqa: N812
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from sklearn.datasets import load_digits

from gitrack.interop.lightning import GitrackLogger


class Digits(L.LightningModule):
    def __init__(self, lr: float = 0.01) -> None:  # noqa: ARG002 - save_hyperparameters reads it
        super().__init__()
        self.save_hyperparameters()
        self.model = torch.nn.Linear(64, 10)

    def training_step(self, batch: Any, _number: int) -> torch.Tensor:
        loss = torch.nn.functional.cross_entropy(self.model(batch[0]), batch[1])
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch: Any, _number: int) -> None:
        self.log("val/accuracy", (self.model(batch[0]).argmax(1) == batch[1]).float().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), self.hparams.lr)


images, digits = load_digits(return_X_y=True)
data = torch.utils.data.TensorDataset(torch.tensor(images / 16).float(), torch.tensor(digits))
train, val = torch.utils.data.random_split(data, (0.8, 0.2), torch.Generator().manual_seed(0))
logger = GitrackLogger(project="digits", save_dir="checkpoints", log_model=True)
module = Digits()
logger.watch(module, log_freq=20)
best = ModelCheckpoint(monitor="val/accuracy", mode="max")
trainer = L.Trainer(logger=logger, callbacks=[best], max_epochs=2, log_every_n_steps=5)
loader = torch.utils.data.DataLoader
trainer.fit(module, loader(train, batch_size=64), loader(val, batch_size=256))
