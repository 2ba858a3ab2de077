"""
Boost trees with XGBoost on scikit-learn's wines until the validation loss stops falling.

    python examples/xgboost_wine.py
"""

import xgboost
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

from gitrack.interop.xgboost import GitrackCallback

wine, kind = load_wine(return_X_y=True, as_frame=True)
train_x, val_x, train_y, val_y = train_test_split(wine, kind, random_state=0)
train, val = xgboost.DMatrix(train_x, train_y), xgboost.DMatrix(val_x, val_y)
settings = {"objective": "multi:softprob", "num_class": 3, "eta": 0.3, "max_depth": 3}
xgboost.train(
    settings,
    train,
    num_boost_round=50,
    evals=[(train, "train"), (val, "val")],
    early_stopping_rounds=5,
    verbose_eval=False,
    callbacks=[GitrackCallback(log_model=True)],
)
