"""
Boost trees with CatBoost on scikit-learn's wines until the validation loss stops falling.

    python examples/catboost_wine.py
"""

from catboost import CatBoostClassifier
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

import gitrack
from gitrack.interop.catboost import GitrackCallback, log_summary

wine, kind = load_wine(return_X_y=True, as_frame=True)
train_x, val_x, train_y, val_y = train_test_split(wine, kind, random_state=0)
model = CatBoostClassifier(
    iterations=50, depth=3, learning_rate=0.3, verbose=False, allow_writing_files=False
)

with gitrack.init(project="wine"):
    model.fit(
        train_x,
        train_y,
        eval_set=(val_x, val_y),
        early_stopping_rounds=5,
        callbacks=[GitrackCallback()],
    )
    log_summary(model, save_model_checkpoint=True)
