"""
Train a small network of Keras on handwritten digits, and record all that `fit` tells.

    KERAS_BACKEND=torch python examples/keras_digits.py
"""

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from gitrack.interop.keras import (
    GitrackEvalCallback,
    GitrackMetricsLogger,
    GitrackModelCheckpoint,
)

images, digits = load_digits(return_X_y=True)
images = (images / 16).astype("float32").reshape(-1, 8, 8, 1)
train_x, val_x, train_y, val_y = train_test_split(images, digits, random_state=0)

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        keras.layers.Input((8, 8, 1)),
        keras.layers.Conv2D(8, 3, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    train_x,
    train_y,
    epochs=3,
    verbose=0,
    validation_data=(val_x, val_y),
    callbacks=[
        GitrackEvalCallback(val_x, val_y, rows=20),
        GitrackMetricsLogger(log_freq=10),
        GitrackModelCheckpoint(save_best_only=True),
    ],
)
