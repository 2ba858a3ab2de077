"""
Train a small classifier on scikit-learn's handwritten digits and record every epoch.

    python examples/digits.py --lr 0.05 --hidden 64 --epochs 30
"""

import argparse
import warnings

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

import gitrack


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--lr", type=float, default=0.01, help="learning rate of SGD")
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--hidden", type=int, default=32, help="units in the hidden layer")
    parser.add_argument("--alpha", type=float, default=1e-4, help="L2 penalty")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--project", default="digits")
    parser.add_argument("--group", default=None)
    parser.add_argument("--tag", action="append", default=[], dest="tags")
    return parser.parse_args()


def main() -> None:
    options = read_arguments()
    settings = vars(options).copy()
    project, group, tags = (settings.pop(key) for key in ("project", "group", "tags"))

    images, labels = load_digits(return_X_y=True)
    train_x, val_x, train_y, val_y = train_test_split(
        images / 16.0, labels, test_size=0.25, random_state=0, stratify=labels
    )
    model = MLPClassifier(
        hidden_layer_sizes=(options.hidden,),
        solver="sgd",
        learning_rate_init=options.lr,
        momentum=options.momentum,
        alpha=options.alpha,
        batch_size=options.batch_size,
        random_state=options.seed,
    )

    with gitrack.init(project=project, group=group, tags=tags, config=settings) as run:
        for epoch in range(options.epochs):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                model.partial_fit(train_x, train_y, classes=np.arange(10))
            row = {"epoch": epoch}
            for part, x, y in (("train", train_x, train_y), ("val", val_x, val_y)):
                likelihood = model.predict_proba(x)
                guess = likelihood.argmax(axis=1)
                row[f"{part}/loss"] = log_loss(y, likelihood, labels=np.arange(10))
                row[f"{part}/accuracy"] = accuracy_score(y, guess)
                row[f"{part}/f1"] = f1_score(y, guess, average="macro", zero_division=0)
            row["weights/norm"] = float(np.sqrt(sum((w**2).sum() for w in model.coefs_)))
            run.log(row)
        print(f"{run.name}: validation accuracy {row['val/accuracy']:.4f}")


if __name__ == "__main__":
    main()
