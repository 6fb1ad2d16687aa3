"""ConvSlider's Python side: pictures, filters, traits, refusals, faces, and maps against SciPy."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import traitlets
from scipy.signal import convolve, correlate

import stepgrad as sg
from stepgrad.documents.convolution import decode, maps, turned, validate
from stepgrad.widgets import pictures
from stepgrad.widgets.conv_slider import ConvSlider
from stepgrad.widgets.kernels import PRESETS, SIZES, preset, spread


def by_scipy(pixels, weights, biases, stride, padding, dilation, flip=False):
    """The maps by SciPy's 2-D correlation of each channel."""
    rows, columns = ((k - 1) * dilation + 1 for k in weights.shape[2:])
    apart = np.zeros((*weights.shape[:2], rows, columns))
    apart[:, :, ::dilation, ::dilation] = weights
    padded = np.pad(pixels, ((padding, padding), (padding, padding), (0, 0)))
    slide = convolve if flip else correlate
    stack = [sum(slide(padded[..., c], k[c], "valid", "direct") for c in range(len(k))) for k in apart]
    return (np.stack(stack) + biases[:, np.newaxis, np.newaxis])[:, ::stride, ::stride]


# ---- the lecture's numbers -----------------------------------------------------------------------------------------


def test_six_filters_of_5_by_5_by_3_on_32_by_32_by_3():
    w = ConvSlider()
    assert w.output().shape == (6, 28, 28)
    assert w.document()["output"] == [6, 28, 28]
    assert len(w.document()["window"]["products"]) == 75
    assert "parameters  6 × (75 + 1) = 456;" in w.text()
    assert "size rule   (32 − 5 + 2·0)/1 + 1 = 28" in w.text()
    one = ConvSlider("card", "sobel_x")
    assert one.output().shape == (1, 28, 28)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(("stride", "padding", "dilation"), [(1, 0, 1), (2, 0, 1), (3, 2, 1), (1, 1, 3), (2, 4, 2)])
def test_output_is_scipys(stride, padding, dilation, flip):
    rng = np.random.default_rng(5)
    image, bank, bias = rng.normal(size=(13, 17, 2)), rng.normal(size=(3, 2, 3, 4)), rng.normal(size=3)
    w = ConvSlider(image, bank, stride, padding, dilation, flip, bias=bias)
    exact = by_scipy(image.astype(np.float32).astype(float), bank, bias, stride, padding, dilation, flip)
    np.testing.assert_allclose(w.output(), exact, atol=1e-12)
    pixels, at, weights, biases = decode(w.document())
    sliding = turned(weights) if flip else weights
    np.testing.assert_allclose(maps(pixels, at, sliding, biases), exact, atol=1e-12)
    for position in (0, exact[0].size // 2, exact[0].size - 1):
        w.position, w.filter = position, position % 3
        assert w.document()["window"]["value"] == pytest.approx(exact[w.filter].flat[position], abs=1e-12)


def test_it_is_the_layer_of_nn():
    w = ConvSlider("grace_hopper", stride=2, padding=2)
    pixels = decode(w.document()).pixels
    weights, biases = w.weights()
    layer = sg.nn.conv2d(pixels.transpose(2, 0, 1)[np.newaxis], weights, biases, stride=2, padding=2)[0]
    np.testing.assert_allclose(w.output(), layer, atol=1e-12)


def test_convolution_is_correlation_with_the_kernel_turned():
    rng = np.random.default_rng(0)
    image, kernel = rng.normal(size=(9, 9)), rng.normal(size=(3, 3))
    flipped, plain = ConvSlider(image, kernel, flip=True), ConvSlider(image, kernel[::-1, ::-1])
    np.testing.assert_allclose(flipped.output(), plain.output(), atol=1e-12)
    even = ConvSlider("card", "gaussian")
    before = even.output()
    even.flip = True
    np.testing.assert_allclose(even.output(), before, atol=1e-12)


# ---- pictures ------------------------------------------------------------------------------------------------------


def test_pictures_that_are_there_without_any_package(monkeypatch):
    monkeypatch.setattr(pictures, "find_spec", lambda name: None)
    w = ConvSlider()
    assert [each["name"] for each in w.pictures] == ["card", "numbers"]
    with pytest.raises(ValueError, match="there is no picture 'china' here; there are card, numbers"):
        ConvSlider("china")


def test_it_lives_without_scipy_matplotlib_and_pillow():
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('scipy', 'matplotlib', 'PIL', 'sklearn')))\n"
        "from stepgrad.widgets.conv_slider import ConvSlider\n"
        "w = ConvSlider()\n"
        "print(w.output().shape, *(each['name'] for each in w.pictures), 'image/png' in w._repr_mimebundle_()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "(6, 28, 28) card numbers False\n", done.stderr


def test_photographs_come_from_the_packages_that_ship_them():
    from matplotlib import cbook
    from PIL import Image

    with cbook.get_sample_data("grace_hopper.jpg") as file:
        original = np.asarray(Image.open(file).convert("RGB")).astype(float)
    w = ConvSlider("grace_hopper", size=128)
    assert {"grace_hopper", "china", "flower"} <= {each["name"] for each in w.pictures}
    shown = 255 * decode(w.document()).pixels
    square = original[9:521]  # 512 × 600, of which a tenth of what is cut off is above
    np.testing.assert_allclose(shown, square.reshape(128, 4, 128, 4, 3).mean(axis=(1, 3)), atol=0.5 + 1e-9)
    package = Path(pictures.__file__).parents[1]
    assert not [path for path in package.rglob("*") if path.suffix in (".jpg", ".jpeg", ".png")]


def test_what_crosses_to_the_browser():
    w = ConvSlider(np.arange(24, dtype=np.uint8).reshape(2, 4, 3), np.ones((1, 1)))
    assert w.pictures[0] == {
        "name": "own", "title": "my picture", "height": 2, "width": 4, "channels": 3, "kind": "bytes"
    }  # fmt: skip
    assert w._pictures[0] == bytes(range(24))
    numbers = ConvSlider([[1, -2], [3, 4.5]], [[1]])
    assert numbers.pictures[0]["kind"] == "floats"
    np.testing.assert_array_equal(np.frombuffer(numbers._pictures[0], "<f4"), [1, -2, 3, 4.5])
    assert len(w._pictures) == len(w.pictures)
    state = {k: v for k, v in ConvSlider().get_state().items() if k not in ("_pictures", "layout")}
    assert len(json.dumps(state, allow_nan=False)) < 60_000 + len(w._esm) + len(w._css)


def test_an_array_of_bytes_is_a_photograph_and_others_are_numbers():
    whole = np.array([[0, 51], [102, 255]])
    np.testing.assert_allclose(ConvSlider(whole.astype(np.uint8), [[1]]).output(), [[[0, 0.2], [0.4, 1]]])
    for kind in (int, np.int16, np.float16, np.float64):
        np.testing.assert_array_equal(ConvSlider(whole.astype(kind), [[1]]).output()[0], whole)
    np.testing.assert_array_equal(ConvSlider(whole > 60, [[1]]).output()[0], whole > 60)


def test_a_photograph_of_8k_is_reduced_and_said():
    photograph = np.zeros((4320, 7680, 3), np.uint8)
    photograph[:, 3840:] = 200
    w = ConvSlider(photograph)
    assert w.message == "The image of 4,320 × 7,680 pixels is shown as 72 × 128, each pixel the mean of a box."
    assert (w.pictures[0]["height"], w.pictures[0]["width"]) == (72, 128)
    shown = decode(w.document()).pixels
    assert shown.shape == (72, 128, 3)
    np.testing.assert_allclose(shown[:, :64], 0)
    np.testing.assert_allclose(shown[:, 64:], 200 / 255)


def test_means_of_boxes_that_are_no_whole_pixels():
    rng = np.random.default_rng(1)
    w = ConvSlider(rng.random((200, 150)), "box")
    assert (w.pictures[0]["height"], w.pictures[0]["width"]) == (128, 96)
    w.size = 64
    assert decode(w.document()).pixels.shape == (64, 48, 1)


# ---- kernels by name -----------------------------------------------------------------------------------------------


def test_kernels_do_what_their_names_say():
    y, x = np.mgrid[:20, :20].astype(float)
    for k in SIZES:
        middle = k // 2
        inner = (slice(middle, 20 - middle),) * 2

        def on(image, name, k=k):
            return correlate(image, preset(name, k).sum(axis=0), "valid", "direct")

        np.testing.assert_allclose(on(x * y, "identity"), (x * y)[inner])
        for name in ("box", "gaussian", "sharpen", "emboss"):
            np.testing.assert_allclose(on(np.ones((20, 20)), name), 1, atol=1e-12)  # brightness stays
        for name in ("sobel_x", "sobel_y", "laplacian", "gabor"):
            np.testing.assert_allclose(on(np.ones((20, 20)), name), 0, atol=1e-12)  # nothing where nothing changes
        assert np.ptp(on(x, "sobel_x")) < 1e-9
        assert on(x, "sobel_x")[0, 0] > 0
        np.testing.assert_allclose(on(y, "sobel_x"), 0, atol=1e-9)
        np.testing.assert_allclose(on(x, "sobel_y"), 0, atol=1e-9)
        np.testing.assert_allclose(on(3 * x - 2 * y, "laplacian"), 0, atol=1e-9)  # a plane has no curvature
        scale = 4.0 ** (k - 3)
        np.testing.assert_allclose(on(x**2 + y**2, "laplacian"), 4 * scale, atol=1e-9)
        np.testing.assert_allclose(on(x**2, "sharpen"), (x**2)[inner] - 2, atol=1e-9)


def test_learned_kernels_come_in_the_size_they_were_learned_in():
    w = ConvSlider("card", ["learned_lying", "learned_edge"])
    assert w.weights()[0].shape == (2, 3, 5, 5)
    with pytest.raises(ValueError, match="'learned_edge' comes in 5 × 5; got 3 × 3"):
        ConvSlider("card", "learned_edge", kernel=3)
    middle = w.weights()[0][..., 1:-1, 1:-1]
    w.kernel = [3, 3]  # cut around the middle
    np.testing.assert_array_equal(w.weights()[0], middle)


def test_kernels_of_3_by_3_are_those_of_the_textbooks():
    assert preset("sobel_x", 3)[0].tolist() == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    assert preset("sharpen", 3)[0].tolist() == [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
    assert preset("laplacian", 3)[0].tolist() == [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    assert preset("emboss", 3)[0].tolist() == [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]
    assert (16 * preset("gaussian", 3)[0]).tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]


def test_a_gray_picture_has_the_same_map_in_colour():
    gray = np.random.default_rng(2).random((12, 12)).astype(np.float32)
    colour = np.repeat(gray[:, :, np.newaxis], 3, axis=2)
    for name in PRESETS:
        one, three = ConvSlider(gray, name, kernel=5), ConvSlider(colour, name, kernel=5)
        if name == "random":  # has channels of its own
            one.picture = three.picture = "card"
            assert not np.allclose(one.weights()[0], three.weights()[0])
            assert np.allclose(one.weights()[0].sum(axis=1), three.weights()[0].sum(axis=1))
        else:
            np.testing.assert_allclose(one.output(), three.output(), atol=1e-12)


def test_presets_carry_learned_filters():
    learned = np.random.default_rng(3).normal(size=(2, 3, 5, 5))
    w = ConvSlider("card", learned, bias=[0.5, -1], presets={"mine": np.eye(3)})
    own = w.presets[len(PRESETS) :]
    assert [each["name"] for each in own] == ["mine", "filter 1", "filter 2"]
    assert own[0]["kernels"] == [
        {"channels": 1, "rows": 3, "columns": 3, "weights": np.eye(3).ravel().tolist(), "bias": 0.0}
    ]
    assert own[2]["kernels"][0]["bias"] == -1.0
    assert own[2]["kernels"][0]["weights"] == learned[1].ravel().tolist()
    named = ConvSlider("card", {"stripes": np.ones((3, 3)), "spot": np.eye(3)})
    assert [each["name"] for each in named.filters] == ["stripes", "spot"]
    np.testing.assert_allclose(named.weights()[0][0], np.full((3, 3, 3), 1 / 3))


# ---- refusals ------------------------------------------------------------------------------------------------------

NAN = np.zeros((8, 8))
NAN[2, 3] = np.nan


@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda: ConvSlider("cat"), ValueError, "there is no picture 'cat' here; there are card, numbers"),
        (lambda: ConvSlider([["a", "b"]]), TypeError, "real numbers, not of text"),
        (lambda: ConvSlider(None), TypeError, "real numbers, not of objects"),
        (lambda: ConvSlider(np.zeros((8, 8), complex)), TypeError, "not of complex numbers"),
        (lambda: ConvSlider([[1, 2], [3]]), TypeError, "differ in length"),
        (lambda: ConvSlider(NAN), ValueError, "a pixel that is NaN, at row 2, column 3, channel 0"),
        (lambda: ConvSlider(np.full((6, 6, 3), np.inf)), ValueError, "infinite, at row 0, column 0, channel 0"),
        (lambda: ConvSlider(np.full((6, 6), 1e40)), ValueError, "beyond"),
        (lambda: ConvSlider(np.zeros(5)), ValueError, r"got \(5,\)"),
        (lambda: ConvSlider(np.zeros((2, 8, 8, 3))), ValueError, r"\(height, width, channels\); got \(2, 8, 8, 3\)"),
        (lambda: ConvSlider(np.zeros((0, 8))), ValueError, "one pixel at least"),
        (lambda: ConvSlider(np.zeros((3, 32, 32))), ValueError, "channels first: use image.transpose"),
        (lambda: ConvSlider(np.zeros((1, 8, 8))), ValueError, "channels first: use image.transpose"),
        (lambda: ConvSlider(np.zeros((20, 20, 17))), ValueError, "at most 16 channels"),
        (lambda: ConvSlider(stride=0), ValueError, "stride is an integer from 1 to 8; got 0"),
        (lambda: ConvSlider(stride=1.5), TypeError, "stride is an integer from 1 to 8; got 1.5"),
        (lambda: ConvSlider(stride=True), TypeError, "stride is an integer"),
        (lambda: ConvSlider(padding=-1), ValueError, "padding is an integer from 0 to 16; got -1"),
        (lambda: ConvSlider(dilation=5), ValueError, "dilation is an integer from 1 to 4; got 5"),
        (lambda: ConvSlider(np.zeros((4, 4)), np.ones((5, 5))), ValueError, "does not fit in the picture of 4 × 4"),
        (lambda: ConvSlider("card", np.ones((9, 9)), dilation=4, padding=0, stride=1), ValueError, "spans 33 × 33"),
        (lambda: ConvSlider("card", "blur"), ValueError, "there is no filter 'blur'; there are identity, box"),
        (lambda: ConvSlider("card", "box", kernel=4), ValueError, "3 × 3 and 5 × 5 and 7 × 7; got kernel=4"),
        (lambda: ConvSlider("card", np.ones((2, 4, 5, 5))), ValueError, r"have 3 channels, \(F, 3, HH, WW\)"),
        (lambda: ConvSlider("card", np.ones((3, 5, 5))), ValueError, r"write filters\[np.newaxis\]"),
        (lambda: ConvSlider("card", np.ones((0, 3, 5, 5))), ValueError, "1 to 64 filters; got 0"),
        (lambda: ConvSlider("card", np.ones((65, 3, 1, 1))), ValueError, "1 to 64 filters; got 65"),
        (lambda: ConvSlider("card", np.ones((1, 3, 0, 5))), ValueError, "an empty one"),
        (lambda: ConvSlider("card", []), ValueError, r"got \(0,\)"),
        (lambda: ConvSlider("card", [[1, np.nan]]), ValueError, r"not finite, nan at \[0, 1\]"),
        (lambda: ConvSlider("card", [["x"]]), TypeError, "filters takes an array of real numbers"),
        (lambda: ConvSlider("card", {"a": np.ones((3, 3)), "b": np.ones((5, 5))}), ValueError, "one shape"),
        (lambda: ConvSlider("card", {"a": np.ones((2, 3, 3))}), ValueError, r"a for a picture of 3 channels"),
        (lambda: ConvSlider("card", np.ones((3, 3)), kernel=3), ValueError, "leave out kernel"),
        (lambda: ConvSlider("card", "box", bias=[1, 2]), ValueError, r"each of the 1 filters; got shape \(2,\)"),
        (lambda: ConvSlider("card", presets={"box": np.eye(3)}), ValueError, "another name"),
        (lambda: ConvSlider("card", presets={"b": np.ones(3)}), ValueError, r"got \(3,\)"),
        (lambda: ConvSlider("card", strides=2), TypeError, "no option 'strides'"),
    ],
)  # fmt: skip
def test_bad_input_is_answered_with_a_sentence(make, error, sentence):
    with pytest.raises(error, match=sentence):
        make()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("stride", 0, "stride is an integer from 1 to 8; got 0"),
        ("padding", 17, "padding is an integer from 0 to 16; got 17"),
        ("dilation", 0, "dilation is an integer from 1 to 4; got 0"),
        ("picture", "cat", "there is no picture 'cat' here"),
        ("size", 48, "size"),
        ("kernel", [33, 5], "The kernel spans 33 × 5 and does not fit in the picture of 32 × 32."),
        ("kernel", [0, 5], "a kernel has one row and one column at least"),
        ("filters", [], "1 to 64 filters; got 0"),
        ("filters", [{"name": "f"}], "filter 0 is a dict with name, weights and bias"),
        ("filters", [{"name": "f", "weights": [1.0], "bias": 0}], r"filter 0 \(f\) takes 3 × 5 × 5 = 75 weights"),
        ("filters", [{"name": "f", "weights": [1.0] * 74 + [np.nan], "bias": 0}], "not a finite number"),
        ("selected", [28, 0], r"an output within 28 × 28; got \[28, 0\]"),
        ("mode", "sideways", "mode"),
    ],
)
def test_what_is_set_wrongly_leaves_all_as_it_was(name, value, sentence):
    w = ConvSlider()
    before = {key: getattr(w, key) for key in w.own_traits()}
    with pytest.raises(traitlets.TraitError, match=sentence):
        setattr(w, name, value)
    assert {key: getattr(w, key) for key in w.own_traits()} == before


def test_a_kernel_that_does_not_fit_later_is_refused():
    w = ConvSlider("numbers", "box", kernel=3, padding=1)
    with pytest.raises(traitlets.TraitError, match="spans 9 × 9"):
        w.dilation, w.padding = 4, 0
    assert (w.dilation, w.padding) == (4, 1)  # the first of the two fitted


def test_what_the_browser_sends_wrongly_is_taken_back():
    w = ConvSlider()
    w.set_state({"stride": 3, "position": 5})
    assert (w.stride, w.position, w.message) == (3, 5, "")
    w.set_state({"stride": 0, "padding": 2})
    assert (w.stride, w.padding) == (3, 0)
    assert w.message == "stride is an integer from 1 to 8; got 0"
    w.set_state({"stride": 2})
    assert (w.stride, w.message) == (2, "")
    filters = [{"name": "f", "weights": [1] * 27, "bias": 0}]
    w.set_state({"kernel": [3, 3], "filters": filters})
    assert (w.kernel, w.filters) == ([3, 3], filters)
    w.set_state({"filters": [{"name": "f", "weights": [1] * 75, "bias": 0}]})
    assert "takes 3 × 3 × 3 = 27 weights" in w.message
    assert w.filters == filters


# ---- traits --------------------------------------------------------------------------------------------------------


def test_filters_follow_the_picture_and_the_kernel():
    w = ConvSlider("card", ["sobel_x", "random"], kernel=3)
    w.picture = "numbers"
    assert w.weights()[0].shape == (2, 1, 3, 3)
    np.testing.assert_allclose(w.weights()[0][0], preset("sobel_x", 3))
    np.testing.assert_allclose(w.weights()[0][1, 0], preset("random", 3).sum(axis=0))
    w.picture = "card"
    np.testing.assert_allclose(w.weights()[0][0], spread(preset("sobel_x", 3), 3))
    w.kernel = [5, 5]
    np.testing.assert_allclose(w.weights()[0][0], spread(preset("sobel_x", 5), 3))
    own = ConvSlider("card", np.arange(9.0).reshape(3, 3) * 3)
    own.kernel = [5, 1]
    np.testing.assert_allclose(own.weights()[0][0, 0], [[0], [1], [4], [7], [0]])
    own.set_filters(["box"] * 2)
    assert [each["name"] for each in own.filters] == ["box", "box 2"]
    assert own.kernel == [5, 5]
    own.kernel = [7, 7]
    own.set_filters("box", bias=1)
    np.testing.assert_allclose(own.weights()[0], np.full((1, 3, 7, 7), 1 / 147))
    with pytest.raises(ValueError, match="there is no filter"):
        own.set_filters("none")
    assert own.filters[0]["bias"] == 1.0


def test_places_follow_the_sizes():
    w = ConvSlider(position=783, selected=[27, 27], filter=9)
    assert (w.position, w.filter) == (783, 5)
    w.stride = 2
    assert (w.position, w.selected) == (195, [])
    w.position = -3
    assert w.position == 0
    w.mode = "backward"
    w.selected = [31, 31]
    w.mode = "receptive"
    assert w.selected == []
    w.channel = 2
    w.picture = "numbers"
    assert w.channel == 0


def test_a_picture_that_was_opened_in_the_browser_stays_there():
    w = ConvSlider()
    w.set_state({"picture": "mine", "size": 64})
    assert w.message == ""
    document = validate(json.loads(json.dumps(w.document(), allow_nan=False)))
    assert document["pixels"] is None
    assert document["window"] is None
    assert document["output"] == [6, 60, 60]
    assert "The picture stays in the browser" in w.text()
    assert w._repr_mimebundle_()[0]["image/png"]
    with pytest.raises(ValueError, match="opened in the browser and stays there"):
        w.output()
    with pytest.raises(ValueError, match="there is no picture 'mine' here"):
        ConvSlider("mine")


# ---- faces ---------------------------------------------------------------------------------------------------------


def test_faces():
    w = ConvSlider("numbers", "sobel_x", kernel=3, stride=2, flip=True)
    assert repr(w) == "ConvSlider('numbers', 7 × 7 × 1, 1 filter of 3 × 3, stride=2, flip=True)"
    assert repr(ConvSlider()) == "ConvSlider('card', 32 × 32 × 3, 6 filters of 5 × 5)"
    assert json.loads(json.dumps(w.document(), allow_nan=False)) == w.document()
    validate(w.document())
    bundle = w._repr_mimebundle_()[0]
    assert bundle["text/plain"] == w.text()
    assert bundle["image/png"]
    assert w.figure(theme="dark") is not None
    with pytest.raises(ValueError, match="light"):
        w.figure(theme="pink")


def test_text_has_the_window_as_a_dot_product():
    w = ConvSlider([[1, 2, 0], [0, 1, 3], [2, 2, 1]], [[1, -1], [0, 2]], bias=0.5, position=1)
    assert w.text().splitlines() == [
        "picture     my picture, 3 × 3 × 1",
        "filters     1 of 2 × 2 × 1, stride 1, padding 0, dilation 1; cross-correlation",
        "output      2 × 2 × 1",
        "size rule   (3 − 2 + 2·0)/1 + 1 = 2",
        "parameters  1 × (4 + 1) = 5; fully connected 40",
        "",
        "window 2 of 4, filter 1",
        "  y[0, 1] = 4 products and the bias: products 8 + bias 0.5 = 8.5",
        "  input   weight   product",
        "  2 0      1 −1    2 0",
        "  1 3      0  2    0 6",
        "",
        "filter            Σ weights  bias  least  greatest",
        "1       filter 1          2   0.5    0.5       8.5",
    ]
    w.stride = 2
    assert "Stride 2 does not fit: 3 − 2 + 2·0 = 1 is no multiple of 2" in w.text()


def test_predict_mode_gives_nothing_away():
    w = ConvSlider("numbers", "sobel_x", kernel=3, predict=True)
    w.position = 3
    said = w._repr_mimebundle_()[0]["text/plain"]
    assert "5 × 5" not in said
    assert "products" not in said
    drawn = [artist.get_gid() or "" for artist in w.figure().axes[0].get_children()]
    assert "What is the number at this window?" in drawn
    assert not [words for words in drawn if "Parameters" in words or "5 × 5" in words]


@pytest.mark.parametrize(("height", "width", "channels"), [(1, 1, 1), (1, 30, 2), (40, 3, 3), (9, 9, 16)])
def test_odd_pictures_have_a_figure_and_a_text(height, width, channels):
    image = np.random.default_rng(0).normal(size=(height, width, channels))
    w = ConvSlider(image, np.ones((1, 1)), padding=1)
    assert w.figure() is not None
    assert "size rule" in w.text()


def test_large_banks_have_a_figure():
    w = ConvSlider("card", np.random.default_rng(0).normal(size=(64, 3, 13, 13)))
    assert w.figure() is not None


@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda: ConvSlider("card", np.full((5, 5), 1e308)), ValueError, "filters takes numbers of at most 1e100"),
        (
            lambda: ConvSlider("card", "box", bias=-1e101),
            ValueError,
            "numbers of at most 1e100; got -1e+101",
        ),
        (lambda: ConvSlider("card", presets={"a": [[1e200]]}), ValueError, "a takes numbers of at most 1e100"),
        (lambda: ConvSlider(kernel=3.0), TypeError, "is an integer or a pair of integers; got 3.0"),
        (lambda: ConvSlider(presets=[1]), TypeError, "presets are a dict of names and arrays; got [1]"),
        (lambda: ConvSlider("card", ["sobel_x", 3]), TypeError, "beside names it has 3"),
        (lambda: ConvSlider("card", (n for n in ["box"])), TypeError, "make a list of it"),
        (lambda: ConvSlider("card", [None]), TypeError, "not of objects such as NoneType"),
        (lambda: ConvSlider(speed=float("nan")), traitlets.TraitError, "speed is a finite number; got nan"),
        (lambda: ConvSlider(np.ones((64, 8, 8))), ValueError, "looks like a stack of 64 channels"),
        (lambda: ConvSlider(np.ones((8, 12, 12))), ValueError, "looks like channels first"),
    ],
)
def test_what_can_not_be_shown_is_refused_in_a_sentence(make, error, sentence):
    with pytest.raises(error) as refused:
        make()
    assert sentence in str(refused.value)


@pytest.mark.parametrize("weights", [None, 5, [10**400] * 75, [True] * 75, [1e101] * 75, [float("nan")] * 75])
def test_weights_that_are_none_are_a_trait_error_and_change_nothing(weights):
    widget = ConvSlider("card", "box")
    before = widget.filters
    with pytest.raises(traitlets.TraitError, match=r"filter 0 \(mine\)"):
        widget.filters = [{"name": "mine", "weights": weights, "bias": 0.0}]
    assert widget.filters == before


def test_a_truth_value_is_no_stride():
    widget = ConvSlider("card", "box")
    with pytest.raises(traitlets.TraitError, match="stride is an integer from 1 to 8; got True"):
        widget.stride = True
    assert widget.stride == 1


@pytest.mark.parametrize("shape", [(8, 8, 8), (64, 8, 3), (4, 4)])
def test_images_with_their_channels_last_are_taken(shape):
    assert ConvSlider(np.ones(shape), [[1.0]]).output().shape == (1, *shape[:2])


def test_the_largest_numbers_are_shown():
    bundle, *_ = ConvSlider(np.full((6, 6), 3e38), np.full((5, 5), 1e100))._repr_mimebundle_()
    assert "image/png" in bundle
