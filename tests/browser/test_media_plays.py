"""What is recorded as image, video and audio is shown and heard by a browser."""

import sys

import numpy as np
import pytest

import gitrack
from gitrack.record.media.base import RecordFiles, Spool, encode_item

RNG = np.random.default_rng(3)
PLAY = """
async ([tag, source]) => {
    const one = document.createElement(tag);
    one.muted = true;
    one.src = source;
    document.body.append(one);
    await new Promise((done, fail) => {
        one.addEventListener(tag === "img" ? "load" : "canplaythrough", done);
        one.addEventListener("error", () => fail(new Error("cannot be shown")));
        if (tag !== "img") one.load();
    });
    return tag === "img"
        ? [one.naturalWidth, one.naturalHeight, 0]
        : [one.videoWidth || 0, one.videoHeight || 0, one.duration];
}
"""


@pytest.fixture
def show(chromium, tmp_path):
    def run(media):
        spool, files = Spool(tmp_path), RecordFiles(tmp_path)
        made = encode_item(media.spool(spool), spool, files)
        path = files.folder / made["path"]
        tag = {".mp4": "video", ".wav": "audio"}.get(path.suffix, "img")
        (tmp_path / "page.html").write_text("<!doctype html><body>")
        page = chromium.new_page()
        try:
            page.goto((tmp_path / "page.html").as_uri())
            return made, page.evaluate(PLAY, [tag, path.as_uri()])
        finally:
            page.close()

    return run


def test_frames_play_for_as_long_as_they_should(show):
    pytest.importorskip("imageio_ffmpeg")
    frames = RNG.integers(0, 256, (12, 3, 33, 47), np.uint8)
    made, (width, height, seconds) = show(gitrack.Video(frames, fps=6))
    assert made["format"] == "mp4"
    assert (width, height) == (48, 34)  # even sides, which every decoder takes
    assert seconds == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("kind", [None, "gif"])
def test_without_an_encoder_frames_are_an_animation(show, monkeypatch, kind):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    monkeypatch.setenv("PATH", "")
    frames = RNG.integers(0, 256, (5, 1, 20, 30), np.uint8)
    made, (width, height, _) = show(gitrack.Video(frames, format=kind))
    assert made["format"] == ("gif" if kind else "webp")
    assert (width, height) == (30, 20)


@pytest.mark.parametrize("kind", [np.float32, np.int16, np.uint8])
def test_samples_are_heard_for_as_long_as_they_should(show, kind):
    samples = np.sin(np.arange(8000) / 10)
    samples = samples.astype(kind) if kind is np.float32 else (samples * 100 + 100).astype(kind)
    _, (_, _, seconds) = show(gitrack.Audio(samples, sample_rate=8000))
    assert seconds == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "P", "CMYK", "I;16"])
def test_every_kind_of_image_is_shown(show, mode):
    from PIL import Image as Pillow

    _, (width, height, _) = show(gitrack.Image(Pillow.new(mode, (7, 5))))
    assert (width, height) == (7, 5)
