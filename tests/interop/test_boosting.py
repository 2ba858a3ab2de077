"""XGBoost, LightGBM and CatBoost train on scikit-learn's wines and are recorded."""

import json

import pytest

import gitrack

WINE = """
import json, warnings
warnings.filterwarnings("ignore")
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
import gitrack
x, y = load_wine(return_X_y=True, as_frame=True)
x.columns = [name.replace("/", "_") for name in x.columns]
train_x, val_x, train_y, val_y = train_test_split(x, y, random_state=0)
"""


def test_xgboost_is_recorded_round_by_round(trained, versions, tmp_path):
    source = WINE + (
        "import xgboost as xgb\n"
        "from gitrack.interop.xgboost import GitrackCallback\n"
        "train = xgb.DMatrix(train_x, train_y)\n"
        "val = xgb.DMatrix(val_x, val_y)\n"
        "params = {'objective': 'multi:softprob', 'num_class': 3, 'eta': 0.4, 'max_depth': 2,\n"
        "          'nthread': 1, 'eval_metric': ['mlogloss', 'merror']}\n"
        "told = {}\n"
        "model = xgb.train(\n"
        "    params, train, 40, evals=[(train, 'train'), (val, 'val')], verbose_eval=False,\n"
        "    early_stopping_rounds=5, evals_result=told,\n"
        "    callbacks=[GitrackCallback(log_model=True)])\n"
        "assert not gitrack.run.recording\n"
        "cv = xgb.cv(params, train, 5, nfold=3, callbacks=[GitrackCallback()])\n"
        "with gitrack.init(name='mine') as run:\n"
        "    estimator = xgb.XGBClassifier(n_estimators=4, n_jobs=1,\n"
        "                                  callbacks=[GitrackCallback(importance_type='weight')])\n"
        "    estimator.fit(train_x, train_y, eval_set=[(val_x, val_y)], verbose=False)\n"
        "    assert run.recording\n"
        "print(json.dumps([told, model.best_score, model.best_iteration,\n"
        "                  model.get_score(importance_type='gain'), cv.to_dict('list')]))\n"
    )
    first, folds, mine = trained(source, "xgboost", "sklearn")
    told, score, best, gains, cv = json.loads(trained.done.stdout)
    history = first.history()
    rows = history.dropna(subset="round")
    assert rows["round"].tolist() == list(range(len(rows)))
    for data, metrics in told.items():
        for metric, values in metrics.items():
            assert rows[f"{data}/{metric}"].tolist() == values
    assert (first.summary["best_score"], first.summary["best_iteration"]) == (score, best)
    table = first.table("feature_importance")
    assert dict(zip(table["feature"], table["importance"], strict=True)) == gains
    assert table["importance"].is_monotonic_decreasing
    learner = first.config["xgboost"]["learner"]
    assert learner["learner_model_param"]["num_class"] == 3
    ((_, metadata, _),) = versions(f"model-{first.id}")
    assert metadata["rounds"] == len(rows)
    import xgboost

    again = xgboost.Booster()
    folder = gitrack.artifact(f"model-{first.id}").download(tmp_path / "model")
    again.load_model(folder / "model.json")
    assert again.get_score(importance_type="gain") == gains

    assert folds.history()["train/mlogloss"].tolist() == cv["train-mlogloss-mean"]
    assert folds.history()["test/merror/std"].tolist() == cv["test-merror-std"]
    assert mine.run.name == "mine"
    assert len(mine.history().dropna(subset="round")) == 4


def test_lightgbm_is_recorded_round_by_round(trained, versions):
    source = WINE + (
        "import lightgbm as lgb\n"
        "from gitrack.interop.lightgbm import GitrackCallback, log_summary\n"
        "params = {'objective': 'multiclass', 'num_class': 3, 'num_threads': 1, 'verbosity': -1,\n"
        "          'learning_rate': 0.3, 'metric': ['multi_logloss']}\n"
        "def data():\n"
        "    train = lgb.Dataset(train_x, train_y)\n"
        "    return train, lgb.Dataset(val_x, val_y, reference=train)\n"
        "told = {}\n"
        "train, val = data()\n"
        "model = lgb.train(\n"
        "    params, train, 60, valid_sets=[train, val], valid_names=['train', 'val'],\n"
        "    callbacks=[GitrackCallback(), lgb.early_stopping(5, verbose=False),\n"
        "               lgb.record_evaluation(told)])\n"
        "log_summary(model, save_model_checkpoint=True)\n"
        "cv = lgb.cv(params, data()[0], 4, nfold=3, callbacks=[GitrackCallback()])\n"
        "gitrack.finish()\n"
        "with gitrack.init(name='mine') as run:\n"
        "    estimator = lgb.LGBMClassifier(n_estimators=3, n_jobs=1, verbosity=-1)\n"
        "    estimator.fit(train_x, train_y, eval_set=[(val_x, val_y)],\n"
        "                  callbacks=[GitrackCallback()])\n"
        "    log_summary(estimator)\n"
        "    assert run.recording\n"
        "gains = dict(zip(model.feature_name(), model.feature_importance('gain').tolist()))\n"
        "print(json.dumps([told, model.best_iteration, gains, cv]))\n"
        "log_summary('no model')\n"
    )
    first, folds, mine = trained(source, "lightgbm", "sklearn", quiet=False)
    told, best, gains, cv = json.loads(trained.done.stdout.splitlines()[-1])
    rows = first.history().dropna(subset="round")
    assert rows["train/multi_logloss"].tolist() == told["train"]["multi_logloss"]
    assert rows["val/multi_logloss"].tolist() == told["val"]["multi_logloss"]
    assert first.config["learning_rate"] == 0.3
    assert first.summary["best_iteration"] == best
    assert first.summary["best_score/val/multi_logloss"] == min(told["val"]["multi_logloss"])
    table = first.table("feature_importance")
    assert dict(zip(table["feature"], table["importance"], strict=True)) == gains
    assert len(versions(f"model-{first.id}")) == 1
    assert folds.history()["valid/multi_logloss"].tolist() == cv["valid multi_logloss-mean"]
    assert folds.history()["valid/multi_logloss/std"].tolist() == cv["valid multi_logloss-stdv"]
    assert mine.run.name == "mine"
    assert len(mine.history().dropna(subset="round")) == 3
    assert [line for line in trained.said if "log_summary(): " in line]


def test_catboost_is_recorded_iteration_by_iteration(trained, versions):
    source = WINE + (
        "from catboost import CatBoostClassifier\n"
        "from gitrack.interop.catboost import GitrackCallback, log_summary\n"
        "def fit(iterations, *callbacks):\n"
        "    model = CatBoostClassifier(\n"
        "        iterations=iterations, depth=3, thread_count=1, verbose=False,\n"
        "        allow_writing_files=False, learning_rate=0.3, early_stopping_rounds=10,\n"
        "        random_seed=0)\n"
        "    model.fit(train_x, train_y, eval_set=(val_x, val_y), callbacks=list(callbacks))\n"
        "    return model\n"
        "model = fit(30, GitrackCallback())\n"
        "log_summary(model, save_model_checkpoint=True)\n"
        "second = fit(9, GitrackCallback(metric_period=4))\n"
        "print(json.dumps([model.evals_result_, model.best_iteration_, model.best_score_,\n"
        "                  second.evals_result_]))\n"
    )
    first, second = trained(source, "catboost", "sklearn")
    told, best, scores, sparse = json.loads(trained.done.stdout)
    rows = first.history().dropna(subset="iteration")
    assert rows["iteration"].tolist() == list(range(len(rows)))
    for data, metrics in told.items():
        for metric, values in metrics.items():
            assert rows[f"{data}/{metric}"].tolist() == pytest.approx(values)
    assert first.summary["best_iteration"] == best
    assert first.summary["best_score/validation/MultiClass"] == scores["validation"]["MultiClass"]
    assert first.config["depth"] == 3
    assert first.table("feature_importance")["importance"].sum() == pytest.approx(100)
    assert len(versions(f"model-{first.id}")) == 1
    assert second.history()["iteration"].tolist() == [0, 4, 8]
    values = sparse["learn"]["MultiClass"][::4]
    assert second.history()["learn/MultiClass"].tolist() == pytest.approx(values)
