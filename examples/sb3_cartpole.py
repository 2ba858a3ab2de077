"""
Teach PPO to balance a pole, and record what Stable-Baselines3 logs.

    python examples/sb3_cartpole.py
"""

from stable_baselines3 import PPO

import gitrack
from gitrack.interop.stable_baselines3 import GitrackCallback

model = PPO("MlpPolicy", "CartPole-v1", n_steps=256, seed=0, device="cpu")
with gitrack.init(project="cartpole"):
    model.learn(2_000, callback=GitrackCallback(log_model=True, gradient_save_freq=2))
