"""
Boost trees with LightGBM on scikit-learn's wines until the validation loss stops falling.

    python examples/lightgbm_wine.py
"""

import lightgbm
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

import gitrack
from gitrack.interop.lightgbm import GitrackCallback, log_summary

wine, kind = load_wine(return_X_y=True)
train_x, val_x, train_y, val_y = train_test_split(wine, kind, random_state=0)
train = lightgbm.Dataset(train_x, train_y)
val = lightgbm.Dataset(val_x, val_y, reference=train)

with gitrack.init(project="wine"):
    model = lightgbm.train(
        {"objective": "multiclass", "num_class": 3, "learning_rate": 0.3, "verbosity": -1},
        train,
        num_boost_round=50,
        valid_sets=[train, val],
        valid_names=["train", "val"],
        callbacks=[GitrackCallback(), lightgbm.early_stopping(5, verbose=False)],
    )
    log_summary(model, save_model_checkpoint=True)
