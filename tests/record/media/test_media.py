"""What is logged as media is in the record as files, exactly, whoever encodes it."""

import io
import json
import os
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image as Pillow

import gitrack
from gitrack.record.media.base import RecordFiles, Spool, encode_item

RNG = np.random.default_rng(5)


@pytest.fixture
def keep(tmp_path):
    """Spool and encode media: gives its line of media.jsonl and what reads its file."""

    spool, files = Spool(tmp_path), RecordFiles(tmp_path)

    def run(media):
        item = json.loads(json.dumps(media.spool(spool)))
        made = encode_item(item, spool, files)
        return made, lambda path=None: (files.folder / (path or made["path"])).read_bytes()

    return run


def pixels(content):
    return np.asarray(Pillow.open(io.BytesIO(content)))


SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 9)) | st.tuples(
    st.integers(1, 9), st.integers(1, 9), st.sampled_from([3, 4])
)


@settings(max_examples=30)
@given(arrays.arrays(np.uint8, SHAPES))
def test_an_image_of_bytes_is_kept_to_the_last_bit(tmp_path_factory, array):
    folder = tmp_path_factory.mktemp("image")
    spool, files = Spool(folder), RecordFiles(folder)
    made = encode_item(gitrack.Image(array).spool(spool), spool, files)
    kept = pixels((files.folder / made["path"]).read_bytes())
    assert np.array_equal(kept, array)
    assert (made["height"], made["width"]) == array.shape[:2]
    assert "scaled" not in made


@pytest.mark.parametrize(
    ("array", "scaled", "expected"),
    [
        (np.array([[0.0, 0.5, 1.0]]), [0.0, 1.0], [[0, 128, 255]]),
        (np.array([[-1.0, 0.0, 1.0]]), [-1.0, 1.0], [[0, 128, 255]]),
        (np.array([[0.0, 5.0, 10.0]]), [0.0, 10.0], [[0, 128, 255]]),
        (np.array([[False, True]]), None, [[0, 255]]),
        (np.array([[0, 300]], np.int32), [0.0, 300.0], [[0, 255]]),
        (np.array([[3, 200]], np.int64), None, [[3, 200]]),
        (np.array([[np.nan, 1.0, np.inf]]), [0.0, 1.0], [[0, 255, 255]]),
        (np.full((2, 2), np.nan), [0.0, 1.0], [[0, 0], [0, 0]]),
    ],
)
def test_other_numbers_are_stretched_and_the_record_says_how(keep, array, scaled, expected):
    made, read = keep(gitrack.Image(array))
    assert made.get("scaled") == scaled
    assert pixels(read()).tolist() == expected


def test_images_come_from_torch_pil_files_views_and_figures(keep, tmp_path):
    torch = pytest.importorskip("torch")
    array = RNG.integers(0, 256, (6, 5, 3), np.uint8)
    tensor = torch.tensor(array).permute(2, 0, 1)
    for image in (tensor, Pillow.fromarray(array), array[::-1][::-1], np.asfortranarray(array)):
        assert np.array_equal(pixels(keep(gitrack.Image(image))[1]()), array)
    path = tmp_path / "a.jpg"
    Pillow.fromarray(array).save(path)
    made, read = keep(gitrack.Image(path))
    assert read() == path.read_bytes()
    assert made["path"].endswith(".jpg")
    scan = tmp_path / "a.tiff"
    Pillow.fromarray(array).save(scan)
    made, read = keep(gitrack.Image(str(scan)))
    assert np.array_equal(pixels(read())[..., :3], array)
    assert read(made["original"]) == scan.read_bytes()


def test_a_batch_from_torch_is_tiled_eight_in_a_row(keep):
    torch = pytest.importorskip("torch")
    batch = torch.arange(9 * 3 * 2 * 4, dtype=torch.uint8).reshape(9, 3, 2, 4)
    made, read = keep(gitrack.Image(batch))
    shown = pixels(read())
    assert shown.shape == (2 * 2, 8 * 4, 3)
    assert np.array_equal(shown[:2, 4:8], batch[1].permute(1, 2, 0))
    assert np.array_equal(shown[2:, :4], batch[8].permute(1, 2, 0))
    assert not shown[2:, 4:].any()
    assert made["width"] == 32


@pytest.mark.parametrize("shape", [(1, 5, 6, 3), (1, 5, 6), (1, 1, 5, 6)])
def test_leading_dimensions_of_length_one_are_dropped(keep, shape):
    array = RNG.integers(0, 255, shape, dtype=np.uint8)
    kept = pixels(keep(gitrack.Image(array))[1]())
    assert np.array_equal(kept, array.reshape(kept.shape))
    assert kept.shape[:2] == (5, 6)


def test_an_image_of_an_image_adds_to_it(keep):
    layer = {"box_data": [], "class_labels": {1: "cat"}}
    first = gitrack.Image(np.zeros((2, 2), np.uint8), caption="first", boxes={"a": layer})
    made, _ = keep(gitrack.Image(first, boxes={"b": layer}))
    assert (made["caption"], list(made["boxes"])) == ("first", ["a", "b"])


def test_html_that_looks_like_a_missing_file_is_html(keep):
    assert keep(gitrack.Html("see index.html"))[1]() == b"see index.html"


def test_a_palette_keeps_its_colours(keep):
    image = Pillow.fromarray(RNG.integers(0, 256, (4, 4, 3), np.uint8)).quantize(4)
    assert np.array_equal(pixels(keep(gitrack.Image(image))[1]()), np.asarray(image.convert("RGB")))


def test_boxes_and_masks_are_kept_with_their_class_names(keep):
    mask = RNG.integers(0, 400, (4, 4))
    image = gitrack.Image(
        np.zeros((4, 4), np.uint8),
        classes=[{"id": 1, "name": "cat"}],
        boxes={
            "truth": {
                "box_data": [
                    {"position": {"middle": [2, 2], "width": 2, "height": 2}, "domain": "pixel",
                     "class_id": 1, "box_caption": "one", "scores": {"sure": 0.5}},
                    {"position": {"minX": 0, "minY": 0, "maxX": 0.5, "maxY": 1}, "class_id": 1},
                ],
            }
        },
        masks={"truth": {"mask_data": mask, "class_labels": {2: "dog"}}},
    )  # fmt: skip
    made, read = keep(image)
    first, second = made["boxes"]["truth"]["boxes"]
    assert first["position"] == {"minX": 1.0, "minY": 1.0, "maxX": 3.0, "maxY": 3.0}
    assert (first["domain"], second["domain"]) == ("pixel", "fraction")
    assert (first["caption"], first["scores"]) == ("one", {"sure": 0.5})
    assert made["masks"]["truth"]["class_labels"] == {"1": "cat", "2": "dog"}
    assert np.array_equal(pixels(read(made["masks"]["truth"]["path"])), mask)


@pytest.mark.parametrize(
    "make",
    [
        lambda: gitrack.Image([[1]], file_type="tga"),
        lambda: gitrack.Image([[1]], boxes={"a": {"box_data": [{}]}}),
        lambda: gitrack.Image([[1]], masks={"a": {}}),
        lambda: gitrack.Image([[1]], classes=[{"id": 1}]),
        lambda: gitrack.Audio([0.0, 1.0]),
        lambda: gitrack.Video(np.zeros((3, 3))),
        lambda: gitrack.Video("a.avi"),
        lambda: gitrack.Object3D(np.zeros((3, 5))),
        lambda: gitrack.Object3D("a.xyz"),
        lambda: gitrack.Molecule(np.zeros(3)),
        lambda: gitrack.Plotly({"layout": 1}),
        lambda: gitrack.Table(columns=["a"], data=[[1, 2]]),
        lambda: gitrack.Table(log_mode="SOMETIMES"),
        lambda: gitrack.Histogram(None),
        lambda: gitrack.Histogram(np_histogram=([1, 2], [0, 1])),
        lambda: gitrack.Embedding(np.zeros(3)),
        lambda: gitrack.Embedding(np.zeros((3, 2)), labels=[1]),
        lambda: gitrack.DecisionTree(object()),
        lambda: gitrack.box3d(center=[0], size=[1, 1, 1], orientation=[1, 0, 0, 0], color=[0] * 3),
        lambda: gitrack.plot.line(gitrack.Table(columns=["a"]), "a", "b"),
        lambda: gitrack.plot.confusion_matrix(y_true=[0, 1]),
        lambda: gitrack.plot.roc_curve([1, 1], [[0.1, 0.9]] * 2),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_is_made(make):
    with pytest.raises(ValueError, match=r"\w"):
        make()


def test_what_cannot_be_shown_is_left_out_of_its_row_with_one_warning(begin, rows_of, capsys):
    with begin() as run:
        for step in range(2):
            run.log({"x": gitrack.Image(np.zeros((2, 2, 7))), "loss": step})
        run.log({"missing": gitrack.Image("nowhere.png"), "loss": 2})
    loaded = gitrack.load(run.id)
    assert [values for _, values in rows_of(loaded)] == [{"loss": 0}, {"loss": 1}, {"loss": 2}]
    assert capsys.readouterr().err.count("x: a Image is left out") == 1
    assert len(loaded.media()) == 0


@settings(max_examples=30)
@given(arrays.arrays(np.int16, arrays.array_shapes(min_dims=1, max_dims=1, max_side=50)))
def test_samples_of_16_bits_are_kept_exactly(tmp_path_factory, samples):
    import wave

    folder = tmp_path_factory.mktemp("audio")
    spool, files = Spool(folder), RecordFiles(folder)
    made = encode_item(gitrack.Audio(samples, sample_rate=8000).spool(spool), spool, files)
    with wave.open(str(files.folder / made["path"])) as sound:
        assert sound.getframerate() == 8000
        kept = np.frombuffer(sound.readframes(len(samples)), "<i2")
    assert np.array_equal(kept, samples)
    assert made["duration"] == len(samples) / 8000


def test_floats_are_kept_as_floats_of_32_bits(keep):
    samples = RNG.uniform(-1, 1, (100, 2)).astype(np.float32)
    made, read = keep(gitrack.Audio(samples, 44100, caption="two"))
    assert np.array_equal(np.frombuffer(read()[44:], "<f4").reshape(-1, 2), samples)
    assert (made["channels"], made["sample_rate"], made["caption"]) == (2, 44100, "two")


@pytest.mark.parametrize("kind", [None, "gif"])
def test_a_video_has_its_frames(keep, kind):
    frames = RNG.integers(0, 256, (6, 3, 17, 20), np.uint8)
    made, read = keep(gitrack.Video(frames, fps=3, format=kind, caption="c"))
    assert (made["frames"], made["fps"], made["duration"]) == (6, 3, 2.0)
    assert (made["width"], made["height"]) == (20, 17)
    if made["format"] != "mp4":
        with Pillow.open(io.BytesIO(read())) as image:
            assert image.n_frames == 6
    else:
        assert b"ftyp" in read()[:12]


def test_a_batch_of_videos_stands_in_a_grid(keep):
    frames = np.zeros((3, 2, 1, 4, 5), np.uint8)
    made, _ = keep(gitrack.Video(frames))
    assert (made["width"], made["height"], made["frames"]) == (10, 8, 2)


def test_points_are_kept_as_32_bit_floats_with_their_boxes(keep):
    points = RNG.random((10, 6)).astype(np.float32)
    box = gitrack.box3d(
        center=[1, 2, 3], size=[2, 2, 2], orientation=[1, 0, 0, 0], color=[1, 2, 3], label="b"
    )
    made, read = keep(gitrack.Object3D.from_point_cloud(points, [box]))
    assert np.array_equal(np.load(io.BytesIO(read()), allow_pickle=False), points)
    corners = np.array(made["boxes"][0]["corners"])
    assert corners.min(axis=0).tolist() == [0, 1, 2]
    assert corners.max(axis=0).tolist() == [2, 3, 4]
    assert made["columns"] == ["x", "y", "z", "red", "green", "blue"]


def test_a_mesh_and_a_text_stay_as_they_are(keep, tmp_path):
    mesh = tmp_path / "cube.obj"
    mesh.write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    assert keep(gitrack.Object3D(mesh))[1]() == mesh.read_bytes()
    page = tmp_path / "page.html"
    page.write_text("<p>hé</p>")
    for html in (str(page), page, io.StringIO("<p>hé</p>"), "<p>hé</p>"):
        assert keep(gitrack.Html(html))[1]().decode() == "<p>hé</p>"
    assert keep(gitrack.Markdown("# é"))[1]().decode() == "# é"


def test_figures_of_bokeh_and_plotly_are_kept_as_themselves(begin):
    from bokeh.io import curdoc
    from bokeh.plotting import figure

    plot = figure(title="one")
    plot.line([1, 2, 3], [4, 5, 6])
    other = figure()
    curdoc().add_root(other)
    with begin() as run:
        run.log({"bokeh": plot, "in a document": other})
        run.log({"plotly": gitrack.Plotly({"data": [{"y": [1]}], "layout": {"title": "t"}})})
    loaded = gitrack.load(run.id)
    found = {row.key: row for row in loaded.media().itertuples()}
    item = json.loads(loaded.read(found["bokeh"].path))
    assert item["doc"]["version"] == found["bokeh"].facts["bokeh"]
    assert other.document is curdoc()
    assert found["plotly"].facts["title"] == "t"


def test_a_figure_of_matplotlib_is_drawn_as_it_is_at_the_call(begin):
    pytest.importorskip("matplotlib").use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.plot([1, 2])
    with begin() as run:
        run.log({"figure": figure, "axes": axes, "pyplot": plt})
        assert plt.gcf() is figure
        plt.close(figure)
    loaded = gitrack.load(run.id)
    assert set(loaded.media()["key"]) == {"figure", "axes", "pyplot"}
    assert set(loaded.media()["type"]) == {"image"}
    assert len(set(loaded.media()["path"])) == 1


def test_a_row_keeps_its_media_its_numbers_and_its_lists(begin, rows_of):
    array = np.zeros((3, 3), np.uint8)
    with begin() as run:
        run.log({"loss": 1.0, "samples": [gitrack.Image(array), gitrack.Image(array + 1)]}, step=7)
        array += 9  # what was logged is what it was then
        run.log({"nested": {"image": gitrack.Image(array, caption="c")}, "loss": 2.0})
    loaded = gitrack.load(run.id)
    assert rows_of(loaded) == [(7, {"loss": 1.0}), (8, {"loss": 2.0})]
    media = loaded.media()
    assert media[["key", "step", "index"]].values.tolist()[:2] == [
        ["samples", 7, 0], ["samples", 7, 1],
    ]  # fmt: skip
    assert media["key"][2] == "nested/image"
    assert [int(pixels(loaded.read(path)).max()) for path in media["path"]] == [0, 1, 9]
    assert loaded.summary["loss"] == 2.0


def test_equal_media_is_stored_once(begin):
    array = RNG.integers(0, 256, (8, 8), np.uint8)
    with begin() as run:
        for _ in range(5):
            run.log({"x": gitrack.Image(array)})
    loaded = gitrack.load(run.id)
    assert len(loaded.media()) == 5
    assert len([path for path in loaded.files() if path.startswith("media/")]) == 1


def test_media_of_a_killed_process_is_encoded_by_whoever_commits_its_run(repository, python):
    source = (
        "import os, signal, gitrack, numpy as np\n"
        "gitrack.init(id='r')\n"
        "for n in range(40):\n"
        "    gitrack.log({'n': n, 'x': gitrack.Image(np.full((200, 200, 3), n, np.uint8)),\n"
        "        't': gitrack.Table(columns=['a'], data=[[n]])})\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    python(source, check=False)
    subprocess.run([sys.executable, "-m", "gitrack", "recover"], check=True, capture_output=True)
    loaded = gitrack.load("r")
    assert loaded.run.state == "crashed"
    images = loaded.media("x")
    assert len(images) == 40
    assert [int(pixels(loaded.read(path)).max()) for path in images["path"]] == list(range(40))
    assert [loaded.table("t", step)["a"].tolist() for step in (0, 39)] == [[0], [39]]
    spool = repository / ".git" / "gitrack" / "runs"
    assert not os.listdir(spool)


def test_media_logged_just_before_the_end_is_there(repository, python):
    source = (
        "import gitrack, numpy as np\n"
        "gitrack.init(id='r')\n"
        "gitrack.log({'x': gitrack.Image(np.zeros((500, 500, 3), np.uint8))})\n"
        "gitrack.log({'t': gitrack.Table(columns=['a'], data=[['x'], [1]])})\n"
        "1/0\n"
    )
    assert python(source, check=False).returncode == 1
    loaded = gitrack.load("r")
    assert loaded.media()["type"].tolist() == ["image", "table"]
    assert loaded.table("t")["a"].tolist() == ["x", 1]


def test_what_no_encoder_can_read_is_kept_as_it_was(begin, tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(b"no image")
    with begin() as run:
        run.log({"x": gitrack.Image(path)})
    loaded = gitrack.load(run.id)
    (item,) = loaded.media().itertuples()
    assert "UnidentifiedImageError" in item.facts["error"]
    assert loaded.read(item.facts["spooled"][0]) == b"no image"


def test_a_disabled_run_takes_media_for_nothing(begin):
    with begin(mode="disabled") as run:
        run.log({"x": gitrack.Image([[1]]), "loss": 1})
        assert run.summary.as_dict() == {"loss": 1}


def test_parquet_of_a_table_is_read_by_anything(begin):
    with begin() as run:
        run.log({"t": gitrack.Table(columns=["a", "b"], data=[[1, "x"], [2, None]])})
    loaded = gitrack.load(run.id)
    table = pq.read_table(io.BytesIO(loaded.read(loaded.media()["path"][0])))
    assert table.to_pylist() == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
