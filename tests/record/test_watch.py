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


def test_a_model_of_keras_on_torch_has_kerass_names(repository, python):
    if importlib.util.find_spec("keras") is None:
        pytest.skip("keras is not installed")
    source = (
        "import os; os.environ['KERAS_BACKEND'] = 'torch'\n"
        "import gitrack, keras, numpy as np\n"
        "net = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, name='out')])\n"
        "net.compile('sgd', 'mse')\n"
        "with gitrack.init(id='r') as run:\n"
        "    run.watch(net, log='all', log_freq=1)\n"
        "    log = keras.callbacks.LambdaCallback(on_batch_end=lambda batch, logs: run.log(logs))\n"
        "    net.fit(np.ones((64, 4)), np.ones((64, 3)), verbose=0, callbacks=[log])\n"
    )
    python(source)
    keys = set(gitrack.load("r").histograms()["key"])
    assert any(key.startswith("gradients/") and key.endswith("out/kernel") for key in keys)
    assert any(key.startswith("parameters/") and key.endswith("out/bias") for key in keys)
