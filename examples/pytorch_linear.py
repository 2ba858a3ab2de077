"""
A plain PyTorch loop as people write it for W&B; only the import differs.

    python examples/pytorch_linear.py
"""

import torch

import gitrack as wandb

wandb.init(project="pytorch-linear", entity="my-team")

model = torch.nn.Linear(10, 1)
criterion = torch.nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

inputs = torch.randn(256, 10)
targets = inputs.sum(dim=1, keepdim=True) + 0.1 * torch.randn(256, 1)

for _ in range(100):
    optimizer.zero_grad()
    loss = criterion(model(inputs), targets)
    loss.backward()
    optimizer.step()
    wandb.log({"loss": loss})
