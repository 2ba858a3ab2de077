"""
Train a tiny transformer on handwritten digits, each pixel a token; nothing is downloaded.

    python examples/transformers_tiny.py
"""

from sklearn.datasets import load_digits
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

import gitrack.interop.transformers  # noqa: F401 - makes report_to="gitrack" known

images, digits = load_digits(return_X_y=True)
rows = [
    {"input_ids": pixels.astype(int).tolist(), "labels": int(digit)}
    for pixels, digit in zip(images[:400], digits[:400], strict=True)
]
config = BertConfig(
    vocab_size=17,
    hidden_size=32,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=32,
    max_position_embeddings=64,
    num_labels=10,
)
arguments = TrainingArguments(
    output_dir="checkpoints",
    run_name="tiny",
    report_to="gitrack",
    num_train_epochs=1,
    per_device_train_batch_size=32,
    learning_rate=0.003,
    logging_steps=2,
    eval_strategy="epoch",
    save_strategy="no",
    use_cpu=True,
)
model = BertForSequenceClassification(config)
Trainer(model, arguments, train_dataset=rows[:320], eval_dataset=rows[320:]).train()
