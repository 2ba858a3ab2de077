"""
Train a linear model as people do for TensorBoard; the script knows nothing of gitrack.

    gitrack exec --tensorboard -- python examples/tensorboard_digits.py
"""

import torch
from sklearn.datasets import load_digits
from torch.utils.tensorboard import SummaryWriter

images, digits = load_digits(return_X_y=True)
images, digits = torch.tensor(images / 16).float(), torch.tensor(digits)

torch.manual_seed(0)
model = torch.nn.Linear(64, 10)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

with SummaryWriter("logs/linear") as writer:
    writer.add_images("input", images[:8].reshape(8, 1, 8, 8))
    for step in range(60):
        loss = torch.nn.functional.cross_entropy(model(images), digits)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        writer.add_scalar("train/loss", loss, step)
        if step % 20 == 0:
            writer.add_histogram("weights", model.weight, step)
    accuracy = (model(images).argmax(1) == digits).float().mean()
    writer.add_hparams({"lr": 0.01}, {"accuracy": accuracy.item()})
