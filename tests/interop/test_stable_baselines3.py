"""PPO learns CartPole, and what Stable-Baselines3 logs is recorded."""

import json

CARTPOLE = """
import json, warnings
warnings.filterwarnings("ignore")
import numpy, torch
torch.set_num_threads(1)
import gymnasium
from stable_baselines3 import DQN, PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import Figure, HParam, Image, KVWriter, Video
import gitrack
from gitrack.interop.stable_baselines3 import GitrackCallback

class Told(KVWriter):
    rows = []
    def write(self, key_values, key_excluded, step=0):
        number = (int, float, numpy.number)
        plain = {k: float(v) for k, v in key_values.items() if isinstance(v, number)}
        self.rows.append({**plain, "global_step": step})
    def close(self):
        pass

class Beside(BaseCallback):
    def _on_training_start(self):
        self.logger.output_formats.append(Told())
        self.logger.record("said", HParam({"own": 3}, {"a": 1}))
    def _on_rollout_end(self):
        if self.num_timesteps == 512:
            self.logger.record("seen", Image(numpy.zeros((3, 4, 6), numpy.uint8), "CHW"))
            frames = torch.zeros(1, 3, 3, 8, 8, dtype=torch.uint8)
            self.logger.record("moved", Video(frames, fps=5))
            self.logger.record("spread", numpy.arange(10))
            self.logger.record("mine", 1.0, exclude="gitrack")
    def _on_step(self):
        return True
"""


def test_what_the_logger_writes_is_recorded_with_gradients_and_models(trained, versions):
    source = CARTPOLE + (
        "model = PPO('MlpPolicy', 'CartPole-v1', n_steps=256, n_epochs=2, seed=0, device='cpu')\n"
        "own = GitrackCallback(model_save_freq=1000, gradient_save_freq=2)\n"
        "model.learn(2000, callback=[own, Beside()])\n"
        "assert not gitrack.run.recording\n"
        "assert len(model.logger.output_formats) == 1\n"
        "with gitrack.init(name='off-policy') as run:\n"
        "    dqn = DQN('MlpPolicy', 'CartPole-v1', learning_starts=50, device='cpu')\n"
        "    dqn.learn(200, log_interval=1, callback=GitrackCallback(log_model=True))\n"
        "    assert run.recording\n"
        "print(json.dumps(Told.rows))\n"
    )
    first, second = trained(source, "stable_baselines3", "gymnasium", "torch")
    told = json.loads(trained.done.stdout)
    history = first.history()
    for row in told:
        (kept,) = history[
            (history["global_step"] == row["global_step"]) & history["time/fps"].notna()
        ].to_dict("records")
        assert {key: kept[key] for key in row if key != "mine"} == {
            key: value for key, value in row.items() if key != "mine"
        }
    assert [row["global_step"] for row in told] == list(range(256, 2049, 256))
    assert "rollout/ep_rew_mean" in told[-1]
    assert "train/value_loss" in told[-1]
    assert "mine" not in history.columns

    assert first.config["algorithm"] == "PPO"
    assert (first.config["n_steps"], first.config["clip_range"]) == (256, 0.2)
    assert first.config["own"] == 3
    assert first.media("seen")["facts"].iloc[0]["width"] == 6
    assert first.media("moved")["type"].tolist() == ["video"]
    assert len(first.histograms("spread")) == 1
    names = set(first.histograms()["key"])
    assert "gradients/mlp_extractor.policy_net.0.weight" in names
    assert len(first.histograms("gradients/action_net.bias")) == 3

    found = versions(f"model-{first.id}")
    assert [metadata["global_step"] for _, metadata, _ in found] == [1000, 2000, 2048]
    assert "final" in found[-1][2]
    assert second.config["algorithm"] == "DQN"
    assert second.history()["rollout/ep_len_mean"].notna().sum() >= 1
    assert len(versions(f"model-{second.id}")) == 1
