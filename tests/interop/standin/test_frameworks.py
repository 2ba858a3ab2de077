"""The frameworks' own code for W&B, training for real on the stand-in."""

import gitrack

DIGITS = """
import torch
from sklearn.datasets import load_digits
torch.manual_seed(0)
x, y = load_digits(return_X_y=True)
x, y = x[:128], torch.tensor(y[:128])
"""
TRANSFORMERS = (
    DIGITS
    + """
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

class Digits(torch.utils.data.Dataset):
    def __len__(self):
        return 64
    def __getitem__(self, place):
        return {"input_ids": torch.tensor(x[place], dtype=torch.long), "labels": y[place]}

config = BertConfig(
    vocab_size=17, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
    intermediate_size=32, max_position_embeddings=64, num_labels=10,
)
arguments = TrainingArguments(
    output_dir="out", max_steps=6, logging_steps=2, eval_strategy="steps", eval_steps=3,
    per_device_train_batch_size=8, report_to="wandb", run_name="tiny", use_cpu=True,
    save_strategy="no", disable_tqdm=True,
)
model = BertForSequenceClassification(config)
Trainer(model=model, args=arguments, train_dataset=Digits(), eval_dataset=Digits()).train()
"""
)
SEARCH = (
    TRANSFORMERS.partition("arguments =")[0]
    + """
arguments = TrainingArguments(
    output_dir="out", max_steps=2, logging_steps=1, eval_strategy="steps", eval_steps=2,
    report_to="wandb", use_cpu=True, save_strategy="no", disable_tqdm=True,
)
space = {
    "method": "random", "metric": {"name": "eval/loss", "goal": "minimize"},
    "parameters": {
        "learning_rate": {"distribution": "uniform", "min": 1e-3, "max": 1e-2},
        "per_device_train_batch_size": {"values": [4, 8]},
    },
}
trainer = Trainer(
    model_init=lambda: BertForSequenceClassification(config), args=arguments,
    train_dataset=Digits(), eval_dataset=Digits(),
)
best = trainer.hyperparameter_search(
    hp_space=lambda trial: space, backend="wandb", n_trials=2, direction="minimize",
    compute_objective=lambda metrics: metrics["eval_loss"],
)
print("best", best.objective, best.hyperparameters["learning_rate"])
"""
)
LIGHTNING = (
    DIGITS
    + """
import lightning, wandb
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import WandbLogger

data = torch.utils.data.TensorDataset(torch.tensor(x, dtype=torch.float32) / 16, y)
loader = torch.utils.data.DataLoader(data, batch_size=32)

class Net(lightning.LightningModule):
    def __init__(self, hidden=16):
        super().__init__()
        self.save_hyperparameters()
        self.net = torch.nn.Sequential(torch.nn.Linear(64, hidden), torch.nn.Linear(hidden, 10))
    def loss(self, batch):
        return torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
    def training_step(self, batch, place):
        loss = self.loss(batch)
        self.log("train_loss", loss)
        return loss
    def validation_step(self, batch, place):
        self.log("val_loss", self.loss(batch))
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), 1e-2)

logger = WandbLogger(project="digits", name="net", log_model=True, save_dir="logs", tags=["lit"])
model = Net()
logger.watch(model, log="gradients", log_freq=2)
trainer = lightning.Trainer(
    max_epochs=2, logger=logger, log_every_n_steps=1, accelerator="cpu",
    enable_progress_bar=False, enable_model_summary=False,
    callbacks=[ModelCheckpoint("models", monitor="val_loss")],
)
trainer.fit(model, loader, loader)
logger.log_text("samples", columns=["a", "b"], data=[["x", 1]])
logger.log_image("digit", [x[0].reshape(8, 8)], caption=["a zero"])
assert logger.version == wandb.run.id
wandb.finish()
"""
)
ACCELERATE = """
import torch
from accelerate import Accelerator
from accelerate.utils import is_wandb_available
assert is_wandb_available()
accelerator = Accelerator(log_with="wandb", cpu=True)
options = {"wandb": {"name": "accelerated", "tags": ["a"]}}
accelerator.init_trackers("digits", config={"lr": 0.1, "net": {"width": 4}}, init_kwargs=options)
model = torch.nn.Linear(4, 1)
model, optimizer = accelerator.prepare(model, torch.optim.SGD(model.parameters(), 0.1))
for step in range(4):
    loss = model(torch.ones(8, 4)).pow(2).mean()
    accelerator.backward(loss)
    optimizer.step()
    optimizer.zero_grad()
    accelerator.log({"loss": loss.item()}, step=step)
tracker = accelerator.get_tracker("wandb")
tracker.log_images({"image": [torch.rand(8, 8, 3).numpy()]}, step=4)
tracker.log_table("table", columns=["a"], data=[[1], [2]], step=4)
accelerator.end_training()
"""
KERAS = """
import keras, wandb
from sklearn.datasets import load_digits
from wandb.integration.keras import WandbEvalCallback, WandbMetricsLogger, WandbModelCheckpoint
from wandb.keras import WandbCallback
assert wandb.keras is wandb.integration.keras

keras.utils.set_random_seed(0)
x, y = load_digits(return_X_y=True)
x, y = x[:200] / 16, y[:200]

class Predictions(WandbEvalCallback):
    def add_ground_truth(self, logs=None):
        for place in range(3):
            self.data_table.add_data(place, wandb.Image(x[place].reshape(8, 8)), int(y[place]))
    def add_model_predictions(self, epoch, logs=None):
        guesses = self.model.predict(x[:3], verbose=0).argmax(1)
        for row, guess in zip(self.data_table_ref.data, guesses):
            self.pred_table.add_data(epoch, *row, int(guess))

wandb.init(project="digits", config={"units": 16})
model = keras.Sequential([
    keras.layers.Dense(wandb.config.units, activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=2, validation_split=0.2, verbose=0, callbacks=[
    WandbMetricsLogger(log_freq=2),
    WandbModelCheckpoint("models/best.keras", save_best_only=True),
    Predictions(["number", "image", "truth"], ["epoch", "number", "image", "truth", "guess"]),
    WandbCallback(log_weights=True, monitor="val_accuracy", validation_data=(x, y)),
])
wandb.finish()
"""
CANCER = """
import wandb
from sklearn.datasets import load_breast_cancer
x, y = load_breast_cancer(return_X_y=True)
train, test = (x[:400], y[:400]), (x[400:], y[400:])
run = wandb.init(project="cancer")
"""
XGBOOST = (
    CANCER
    + """
import xgboost
from wandb.integration.xgboost import WandbCallback
from wandb.xgboost import wandb_callback
model = xgboost.XGBClassifier(
    n_estimators=5, n_jobs=1, eval_metric=["logloss", "auc"], early_stopping_rounds=3,
    callbacks=[WandbCallback(log_model=True)],
)
model.fit(*train, eval_set=[test], verbose=False)
assert wandb.summary["validation_0-auc"]["max"] > 0.9
"""
)
LIGHTGBM = (
    CANCER
    + """
import lightgbm
from wandb.integration.lightgbm import log_summary, wandb_callback
data = lightgbm.Dataset(*train)
booster = lightgbm.train(
    {"objective": "binary", "metric": ["auc", "binary_logloss"], "num_threads": 1, "verbose": -1},
    data, 5, valid_sets=[lightgbm.Dataset(*test, reference=data)], valid_names=["validation"],
    callbacks=[wandb_callback()],
)
log_summary(booster, save_model_checkpoint=True)
"""
)
CATBOOST = (
    CANCER
    + """
from catboost import CatBoostClassifier
from wandb.integration.catboost import WandbCallback, log_summary
model = CatBoostClassifier(iterations=5, thread_count=1, verbose=False, allow_writing_files=False)
model.fit(*train, eval_set=test, callbacks=[WandbCallback()])
log_summary(model, save_model_checkpoint=True)
"""
)
SKLEARN = """
import wandb
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
x, y = load_iris(return_X_y=True)
names = ["setosa", "versicolor", "virginica"]
x, x_test, y, y_test = train_test_split(x, y, random_state=0)
wandb.init(project="iris")
model = LogisticRegression(max_iter=500).fit(x, y)
guess, probabilities = model.predict(x_test), model.predict_proba(x_test)
wandb.sklearn.plot_classifier(
    model, x, x_test, y, y_test, guess, probabilities, names,
    is_binary=False, model_name="LogReg", feature_names=None,
)
wandb.sklearn.plot_class_proportions(y, y_test, names)
"""
SB3 = """
import wandb
from stable_baselines3 import PPO
from wandb.integration.sb3 import WandbCallback
run = wandb.init(project="cart")
model = PPO("MlpPolicy", "CartPole-v1", n_steps=32, device="cpu", seed=0)
callback = WandbCallback(gradient_save_freq=10, model_save_path=f"models/{run.id}")
model.learn(64, callback=callback)
run.log({"done": 1})
run.finish()
"""


def quiet(done):
    """Hold that gitrack said nothing but where the run is."""
    assert [line for line in done.said if " rows on experiments/main" not in line] == []


def logged(run, name):
    """Return what was logged of a metric, in order."""
    return list(run.history()[name].dropna())


def test_transformers_trainer_reports_to_it(under_exec, only_run):
    needs = ["torch", "transformers", "accelerate"]
    variables = {"WANDB_LOG_MODEL": "end", "WANDB_WATCH": "gradients"}
    quiet(under_exec(TRANSFORMERS, needs=needs, **variables))
    run = only_run()
    assert (run.name, run.run.project, run.run.state) == ("tiny", "huggingface", "finished")
    assert run.config["model/num_parameters"] > 1000
    assert run.config["max_steps"] == 6
    assert run.config["hidden_size"] == 16
    assert len(logged(run, "train/loss")) == 3
    assert len(logged(run, "eval/loss")) == 2
    assert logged(run, "train/global_step")[-1] == 6
    assert run.summary["train_loss"] > 0
    (rule,) = [rule for rule in run.run.metrics if rule.name == "*"]
    assert rule.step_metric == "train/global_step"
    assert "gradients/classifier.weight" in set(run.histograms()["key"])
    final = gitrack.artifact(f"model-{run.name}:final_model")
    assert "model.safetensors" in final.files()
    assert final.metadata["final_model"] is True
    assert gitrack.artifact(f"model-{run.name}:base_model").metadata["initial_model"] is True


def test_transformers_searches_by_a_sweep(under_exec):
    done = under_exec(SEARCH, needs=["torch", "transformers", "accelerate"])
    assert done.said[-1].endswith("rows on experiments/main")
    (best,) = [line.split() for line in done.stdout.splitlines() if line.startswith("best ")]
    runs = [gitrack.load(run) for run in gitrack.runs()["id"]]
    trained = [run for run in runs if "eval/loss" in run.summary]
    assert len(trained) == 2
    assert len({run.run.sweep for run in runs}) == 1
    rates = {run.config["learning_rate"]: run.summary["eval/loss"] for run in trained}
    assert all(1e-3 <= rate <= 1e-2 for rate in rates)
    assert float(best[1]) == min(rates.values())
    assert float(best[2]) == min(rates, key=rates.get)


def test_lightnings_wandb_logger_records_into_it(under_exec, only_run):
    quiet(under_exec(LIGHTNING, needs=["torch", "lightning"]))
    run = only_run()
    assert (run.name, run.run.tags, run.run.state) == ("net", ("lit",), "finished")
    assert run.config["hidden"] == 16
    losses = logged(run, "train_loss")
    assert len(losses) == 8
    assert losses[-1] < losses[0]
    assert len(logged(run, "val_loss")) == 2
    # Lightning gives no step of W&B's: a row of validation stands between those of two epochs.
    assert logged(run, "trainer/global_step")[:10] == [0, 1, 2, 3, 3, 4, 5, 6, 7, 7]
    assert run.table("samples").to_dict("records") == [{"a": "x", "b": 1}]
    assert len(run.media("digit")) == 1
    assert "gradients/net.0.weight" in set(run.histograms()["key"])
    best = gitrack.artifact(f"model-{run.id}:best")
    assert best.files() == ["model.ckpt"]
    assert best.metadata["score"] == logged(run, "val_loss")[-1]


def test_accelerates_tracker_records_into_it(under_exec, only_run):
    quiet(under_exec(ACCELERATE, needs=["torch", "accelerate"]))
    run = only_run()
    assert (run.name, run.run.project, run.run.tags) == ("accelerated", "digits", ("a",))
    assert run.config == {"lr": 0.1, "net": {"width": 4}}
    assert len(logged(run, "loss")) == 4
    assert len(run.media("image")) == 1
    assert len(run.table("table")) == 2


def test_keras_callbacks_record(under_exec, only_run):
    done = under_exec(KERAS, needs=["torch", "keras"])
    said = [line for line in done.said if "rows on" not in line]
    assert said == ["gitrack: WandbCallback(validation_data=…) is not recorded here"]
    run = only_run()
    assert run.config["units"] == 16
    assert logged(run, "epoch/epoch") == [0, 1]
    assert logged(run, "epoch/loss") == logged(run, "loss")
    assert len(logged(run, "batch/loss")) == 6
    assert {"epoch/val_accuracy", "epoch/learning_rate", "best_val_accuracy"} <= set(run.summary)
    assert set(run.histograms()["key"]) == {
        f"parameters/sequential/dense{place}/{kind}"
        for place in ("", "_1")
        for kind in ("kernel", "bias")
    }
    assert "files/model-best.keras" in run.files()
    assert gitrack.artifact(f"run_{run.id}_model:epoch_0").files() == ["best.keras"]
    predictions = gitrack.artifact(f"run_{run.id}_pred")
    assert (predictions.manifest.version, predictions.manifest.type) == (1, "evaluation")
    assert run.run.artifacts[0].name.endswith("dataset/val")


def test_xgboost_callbacks_record(under_exec, only_run):
    quiet(under_exec(XGBOOST, needs=["xgboost"]))
    run = only_run()
    assert logged(run, "epoch") == [0, 1, 2, 3, 4]
    losses = logged(run, "validation_0-logloss")
    assert len(losses) == 5
    assert run.summary["validation_0-logloss"] == {"min": min(losses)}
    assert run.summary["best_score"] == max(logged(run, "validation_0-auc"))
    assert run.config["learner"]["objective"]["name"] == "binary:logistic"
    assert len(run.table("Feature Importance")) > 3
    assert gitrack.artifact(f"{run.id}_model.json").files() == [f"{run.id}_model.json"]


def test_lightgbm_callbacks_record(under_exec, only_run):
    quiet(under_exec(LIGHTGBM, needs=["lightgbm"]))
    run = only_run()
    assert logged(run, "iteration") == [0, 1, 2, 3, 4]
    assert run.summary["validation_auc"] == {"max": max(logged(run, "validation_auc"))}
    assert run.config["objective"] == "binary"
    assert len(run.table("Feature Importance")) == 30
    assert gitrack.artifact(f"model_{run.id}:best").files() == ["model_ckpt_0.txt"]


def test_catboost_callbacks_record(under_exec, only_run):
    quiet(under_exec(CATBOOST, needs=["catboost"]))
    run = only_run()
    assert len(logged(run, "validation-Logloss")) == 5
    assert run.summary["best_score/validation/Logloss"] == min(logged(run, "validation-Logloss"))
    assert run.config["iterations"] == 5
    assert len(run.table("Feature Importance")) == 30
    assert gitrack.artifact(f"model_{run.id}").files() == ["model"]


def test_the_plots_for_scikit_learn_record(under_exec, only_run):
    quiet(under_exec(SKLEARN, needs=["sklearn"]))
    charts = set(only_run().media()["key"])
    assert len(charts) >= 5
    assert any("confusion" in key for key in charts)


def test_the_callback_for_stable_baselines_records(under_exec, only_run):
    quiet(under_exec(SB3, needs=["torch", "stable_baselines3"]))
    run = only_run()
    assert (run.config["algo"], run.config["gamma"], run.config["n_steps"]) == ("PPO", 0.99, 32)
    assert not any("object at 0x" in str(value) for value in run.config.values())
    assert "files/model.zip" in run.files()
    looked_at = set(run.histograms()["key"])
    names = ("gradients/action_net.weight", "parameters/mlp_extractor.policy_net.0.weight")
    assert looked_at.issuperset(names)
