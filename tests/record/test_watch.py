"""Watched models: every count is right, and the training is the same to the last bit."""

import copy
import importlib.util
import io
import pickle

import numpy as np
import pytest

import gitrack

torch = pytest.importorskip("torch")


def network(seed=0):
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))


def fit(net, steps=5, log=len):
    generator = torch.Generator().manual_seed(1)
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    losses, gradients, weights, outputs = [], [], [], []
    for _ in range(steps):
        x = torch.randn(16, 4, generator=generator)
        y = torch.randint(0, 3, (16,), generator=generator)
        weights.append({n: p.detach().clone().numpy() for n, p in net.named_parameters()})
        out = net(x)
        outputs.append(out.detach().numpy())
        loss = torch.nn.functional.cross_entropy(out, y)
        optimizer.zero_grad()
        loss.backward()
        gradients.append({n: p.grad.clone().numpy() for n, p in net.named_parameters()})
        optimizer.step()
        losses.append(loss.item())
        log({"loss": loss})
    return losses, gradients, weights, outputs


def counted(values):
    values = np.asarray(values, np.float32).ravel()
    low, high = values.min(), values.max()
    places = ((values - low) / np.float32((high - low) or 1) * np.float32(64)).clip(0, 63)
    return np.bincount(places.astype(int), minlength=64).tolist()


def test_what_is_counted_is_what_was_there(begin):
    net = network()
    with begin() as run:
        run.watch(net, log=["all", "activations"], log_freq=2)
        _, gradients, weights, outputs = fit(net, log=run.log)
    frame = gitrack.load(run.id).histograms()
    assert set(frame["_step"]) == {0, 2, 4}
    assert len(frame) == 3 * (4 + 4 + 3)
    for row in frame.itertuples():
        kind, _, name = row.key.partition("/")
        step = row._1
        truth = {"gradients": gradients, "parameters": weights, "activations": outputs}[kind][step]
        if kind != "activations":
            truth = truth[name]
        if kind != "activations" or name == "2":  # the last layer's output is the model's
            assert list(row.counts) == counted(truth), row.key
            assert row.edges[0] == pytest.approx(truth.min(), rel=1e-6)
            assert row.edges[-1] == pytest.approx(truth.max(), rel=1e-6)


def test_a_watched_training_is_the_same_to_the_last_bit(begin):
    bare = fit(network())[0]
    net = network()
    with begin() as run:
        run.watch(net, log="gradients,parameters,activations", log_freq=1)
        assert fit(net, log=run.log)[0] == bare


def test_nan_and_infinity_are_counted_apart(begin, rows_of):
    net = torch.nn.Linear(2, 2)
    with begin() as run:
        run.watch(net, log="parameters", log_freq=1)
        with torch.no_grad():
            net.weight[0, 0] = float("nan")
            net.weight[0, 1] = float("inf")
        net(torch.ones(1, 2))
        run.log({"x": 1})
    (_, values), *_ = rows_of(gitrack.load(run.id))
    assert values == {"x": 1, "parameters/weight/not_finite": 2}
    (row,) = gitrack.load(run.id).histograms("parameters/weight").itertuples()
    assert sum(row.counts) == 2


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16, torch.float64, torch.complex64])
def test_every_kind_of_number_is_counted(begin, kind):
    class Plain(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.ones(5, dtype=kind))

        def forward(self):
            return self.weight

    net = Plain()
    with begin() as run:
        run.watch(net, log="parameters", log_freq=1)
        net()
        run.log({"x": 1})
    (row,) = gitrack.load(run.id).histograms().itertuples()
    assert sum(row.counts) == 5


def test_a_model_whose_parts_are_called_one_by_one_is_watched_all_the_same(begin):
    net = network()
    with begin() as run:
        gitrack.watch(net, log="all", log_freq=2)
        for batch in range(5):
            passed = torch.ones(4, next(net.parameters()).shape[1])
            for part in net.children():
                passed = part(passed)
            passed.sum().backward()
            run.log({"batch": batch})
        net.eval()
        next(net.children())(torch.ones(4, next(net.parameters()).shape[1]))
    found = gitrack.load(run.id).histograms()
    names = {name for name, _ in net.named_parameters()}
    kinds = ("gradients", "parameters")
    assert set(found["key"]) == {f"{kind}/{name}" for kind in kinds for name in names}
    assert sorted(set(found["_step"])) == [0, 2, 4]


def test_evaluation_is_no_batch(begin):
    net = network()
    with begin() as run:
        run.watch(net, log="activations", log_freq=1)
        net.eval()
        with torch.inference_mode():
            net(torch.ones(1, 4))
        run.log({"x": 1})
    assert len(gitrack.load(run.id).histograms()) == 0


def test_a_watched_model_is_copied_and_saved_without_its_watch(begin):
    net = network()
    with begin() as run:
        run.watch(net, log="all", log_freq=1)
        other = copy.deepcopy(net)
        again = pickle.loads(pickle.dumps(net))  # noqa: S301
        buffer = io.BytesIO()
        torch.save(net, buffer)
        buffer.seek(0)
        loaded = torch.load(buffer, weights_only=False)
        for one in (other, again, loaded):
            one(torch.ones(1, 4)).sum().backward()
        run.log({"x": 1})
    assert len(gitrack.load(run.id).histograms()) == 0


def test_unwatch_takes_every_hook_away(begin):
    net = network()
    with begin() as run:
        run.watch(net, log=("all", "activations"))
        run.unwatch(net)
        assert not net._forward_pre_hooks
        assert not any(part._forward_hooks for part in net.modules())
        fit(net, 1, run.log)
    assert len(gitrack.load(run.id).histograms()) == 0


def test_a_run_that_ends_leaves_no_hook_behind(begin):
    net = network()
    with begin() as run:
        run.watch(net)
        net(torch.ones(1, 4)).sum().backward()
    assert not net._forward_pre_hooks
    assert len(gitrack.load(run.id).histograms()) == 4


def test_a_wrapped_model_keeps_its_names(begin):
    net = network()
    with begin() as run:
        run.watch(torch.nn.DataParallel(net), log="parameters", log_freq=1)
        net(torch.ones(1, 4))
        run.log({"x": 1})
    assert "parameters/0.weight" in set(gitrack.load(run.id).histograms()["key"])


@pytest.mark.parametrize("models", [3, "model", None])
def test_what_is_no_model_is_refused_with_one_warning(begin, capsys, models):
    with begin() as run:
        assert run.watch(models) is None
        assert run.watch(network(), log="everything") is None
    assert "watch" in capsys.readouterr().err


def test_two_models_have_names_of_their_own(begin):
    one, two = network(), network(1)
    with begin() as run:
        run.watch([one, two], log="parameters", log_freq=1)
        run.watch(one)  # a second time is a warning
        one(torch.ones(1, 4))
        two(torch.ones(1, 4))
        run.log({"x": 1})
    keys = set(gitrack.load(run.id).histograms()["key"])
    assert {"parameters/0.weight", "parameters/graph_1/0.weight"} <= keys


def test_the_graph_tells_modules_shapes_and_flow(begin):
    import json

    net = network()
    with begin() as run:
        graph = run.watch(net, log=None, log_graph=True)
        assert graph.parameters == 4 * 8 + 8 + 8 * 3 + 3
        fit(net, 2, run.log)
    loaded = gitrack.load(run.id)
    (item,) = loaded.media("graph").itertuples()
    assert (item.step, item.facts["parameters"], item.facts["modules"]) == (0, 67, 4)
    found = json.loads(loaded.read(item.path))
    nodes = {node["id"]: node for node in found["nodes"]}
    assert nodes["0"]["input"] == [[16, 4]]
    assert nodes["2"]["output"] == [[16, 3]]
    assert found["edges"] == [["0", "1"], ["1", "2"]]
    assert not any(part._forward_hooks for part in net.modules())


def test_a_lazy_module_is_watched_from_its_first_batch(begin):
    net = torch.nn.Sequential(torch.nn.LazyLinear(3), torch.nn.ReLU())
    with begin() as run:
        graph = run.watch(net, log="all", log_freq=1, log_graph=True)
        assert graph.parameters == 0
        net(torch.ones(2, 4)).sum().backward()
        run.log({"x": 1})
        assert graph.parameters == 4 * 3 + 3
    kinds = {key.split("/")[0] for key in gitrack.load(run.id).histograms()["key"]}
    assert kinds == {"gradients", "parameters"}


def test_a_model_is_saved_while_its_graph_waits_for_a_batch(begin):
    net = network()
    with begin() as run:
        run.watch(net, log_graph=True)
        again = pickle.loads(pickle.dumps(net))  # noqa: S301
        again(torch.ones(1, 4))
        copy.deepcopy(net)(torch.ones(1, 4))
        run.log({"x": 1})
    assert len(gitrack.load(run.id).media("graph").iloc[0].facts) > 0
    assert not any(part._forward_hooks for part in net.modules())


def test_an_output_that_cannot_be_read_ends_no_training(begin, capsys):
    class Ragged:
        @property
        def shape(self):
            raise RuntimeError("no shape at all")

    class Odd(torch.nn.Module):
        def forward(self, _x):
            return Ragged()

    net = torch.nn.Sequential(torch.nn.Linear(4, 2), Odd())
    with begin() as run:
        run.watch(net, log="activations", log_freq=1, log_graph=True)
        net(torch.ones(3, 4))
        run.log({"x": 1})
    assert "activations/0" in set(gitrack.load(run.id).histograms()["key"])
    assert "watch" in capsys.readouterr().err


KERAS = """
import os; os.environ["KERAS_BACKEND"] = "torch"
import copy, json, pickle, gitrack, keras, numpy as np

def network():
    keras.utils.set_random_seed(0)
    inner = [keras.layers.Dense(4, name="dense"), keras.layers.ReLU(name="relu")]
    inner = keras.Sequential(inner, name="in")
    parts = [inner, keras.layers.Dropout(0.5, name="drop"), keras.layers.Dense(3, name="out")]
    net = keras.Sequential(parts)
    net.compile("sgd", "mse")
    return net

def fit(net, log=lambda batch, logs: None):
    x = np.random.default_rng(0).normal(size=(96, 5))
    callbacks = [keras.callbacks.LambdaCallback(on_batch_end=log)]
    options = {"verbose": 0, "callbacks": callbacks, "validation_data": (x, x[:, :3])}
    return net.fit(x, x[:, :3], epochs=2, **options).history["loss"]

bare = fit(network())
net = network()
with gitrack.init(id="r") as run:
    run.watch(net, log=("all", "activations"), log_freq=2, log_graph=True)
    watched = fit(net, lambda batch, logs: run.log(logs))
    other, again = copy.deepcopy(net), pickle.loads(pickle.dumps(net))
    net.save(os.environ["GITRACK_HOME"] + ".keras")
    for one in (other, again, keras.models.load_model(os.environ["GITRACK_HOME"] + ".keras")):
        one.fit(np.ones((2, 5)), np.ones((2, 3)), verbose=0)
hooks = sum(len(one._forward_hooks) for one in net._flatten_layers())
print(json.dumps({"same": bare == watched, "hooks": hooks}))
"""


def test_a_model_of_keras_on_torch_is_watched_layer_by_layer(repository, python):
    if importlib.util.find_spec("keras") is None:
        pytest.skip("keras is not installed")
    import json

    assert json.loads(python(KERAS).stdout.splitlines()[-1]) == {"same": True, "hooks": 0}
    loaded = gitrack.load("r")
    frame = loaded.histograms()
    # The model is built by a pass without values, which is no batch: the first one counts.
    assert set(frame["_step"]) == {0, 2, 4}
    weights = ["in/dense/kernel", "in/dense/bias", "out/kernel", "out/bias"]
    outputs = ["in/dense", "in/relu", "drop", "out"]
    keys = [f"{kind}/{name}" for kind in ("gradients", "parameters") for name in weights]
    keys += [f"activations/{name}" for name in outputs]
    assert sorted(frame["key"]) == sorted(keys * 3)
    (item,) = loaded.media("graph").itertuples()
    assert (item.facts["framework"], item.facts["parameters"]) == ("keras", 5 * 4 + 4 + 4 * 3 + 3)
    nodes = {node["id"]: node for node in json.loads(loaded.read(item.path))["nodes"]}
    assert nodes["in/dense"]["parent"] == "in"
    assert nodes["in/dense"]["output"][0][1] == 4


def test_a_model_of_keras_elsewhere_is_told_what_to_do(begin, capsys):
    class Layer:  # what a model of Keras on another backend looks like
        trainable_variables = ()

        def _flatten_layers(self):
            return []

    with begin() as run:
        assert run.watch(Layer()) is None
    assert "KERAS_BACKEND=torch" in capsys.readouterr().err


def test_a_model_whose_parts_alone_are_called_is_counted_by_backward_passes(begin):
    class Holder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = network()

    holder = Holder()
    with begin() as run:
        run.watch(holder, log="all", log_freq=2)
        _, gradients, weights, _ = fit(holder.net, log=run.log)
    frame = gitrack.load(run.id).histograms()
    assert set(frame["_step"]) == {0, 2, 4}
    assert len(frame) == 3 * (4 + 4)
    for row in frame.itertuples():
        kind, _, name = row.key.partition("/")
        truth = {"gradients": gradients, "parameters": weights}[kind][row._1]
        assert list(row.counts) == counted(truth[name.removeprefix("net.")])
    assert not any(p._post_accumulate_grad_hooks for p in holder.parameters())
