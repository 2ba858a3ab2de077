"""A script in CleanRL's manner, written for W&B, is recorded by its event files alone."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

import gitrack

SCRIPT = """
import time, random
import gymnasium as gym, numpy as np, torch
from torch.utils.tensorboard import SummaryWriter

args = {"learning_rate": 0.02, "seed": 1, "total_timesteps": 2000, "env_id": "CartPole-v1"}
run_name = "CartPole-v1__reinforce__1"
import wandb
wandb.init(project="cleanRL", sync_tensorboard=True, config=args, name=run_name,
           monitor_gym=True, save_code=True)
writer = SummaryWriter(f"runs/{run_name}")
writer.add_text("hyperparameters",
                "|param|value|\\n|-|-|\\n" + "\\n".join(f"|{k}|{v}|" for k, v in args.items()))
random.seed(1); np.random.seed(1); torch.manual_seed(1); torch.set_num_threads(1)
env = gym.wrappers.RecordEpisodeStatistics(gym.make("CartPole-v1"))
policy = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2))
optimizer = torch.optim.Adam(policy.parameters(), lr=args["learning_rate"])
returns, global_step = [], 0
observation, _ = env.reset(seed=1)
chances, rewards = [], []
start = time.time()
while global_step < args["total_timesteps"]:
    choice = torch.distributions.Categorical(logits=policy(torch.tensor(observation)))
    action = choice.sample()
    chances.append(choice.log_prob(action))
    observation, reward, ended, cut, info = env.step(action.item())
    rewards.append(reward)
    global_step += 1
    if ended or cut:
        writer.add_scalar("charts/episodic_return", info["episode"]["r"], global_step)
        writer.add_scalar("charts/episodic_length", info["episode"]["l"], global_step)
        returns.append([global_step, float(info["episode"]["r"])])
        ahead = np.cumsum(rewards[::-1])[::-1].copy()
        advantage = torch.tensor((ahead - ahead.mean()) / (ahead.std() + 1e-8))
        loss = -(torch.stack(chances) * advantage).mean()
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        writer.add_scalar("losses/policy_loss", loss.item(), global_step)
        writer.add_scalar("charts/SPS", int(global_step / (time.time() - start)), global_step)
        chances, rewards = [], []
        observation, _ = env.reset()
env.close()
writer.close()
import json; print(json.dumps(returns))
"""


def test_a_script_in_cleanrls_manner_is_recorded(repository):
    for name in ("torch", "gymnasium", "tensorboard"):
        if find_spec(name) is None:
            if "frameworks" in os.environ.get("GITRACK_REQUIRE", "").split():
                pytest.fail(f"{name} is not installed, and GITRACK_REQUIRE names frameworks")
            pytest.skip(f"{name} is not installed")
    (repository / "reinforce.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "gitrack", "exec", "--", sys.executable, "reinforce.py"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    import json

    returns = json.loads(done.stdout.splitlines()[-1])
    (run_id,) = gitrack.runs()["id"]
    run = gitrack.load(run_id)
    assert (run.run.project, run.run.name) == ("cleanRL", "CartPole-v1__reinforce__1")
    assert run.config["learning_rate"] == 0.02
    history = run.history()
    kept = history.dropna(subset="charts/episodic_return")
    assert kept[["_step", "charts/episodic_return"]].to_numpy().tolist() == returns
    assert kept["global_step"].tolist() == kept["_step"].tolist()
    assert (
        kept[["losses/policy_loss", "charts/SPS", "charts/episodic_length"]].notna().all(axis=None)
    )
    (text,) = run.media("hyperparameters/text_summary").to_dict("records")
    assert run.read(text["path"]).decode().startswith("|param|value|")
    assert any(name.startswith("code/") for name in run.files())
