"""Lecture 12's exercises: what a wrong answer is told."""

import pytest
from exercises import solved


@pytest.fixture(scope="module")
def lecture():
    return solved("12")


BY_FFT = "N = len(x) + len(w) - 1"
BACK = "np.fft.irfft(np.fft.rfft(x, N) * np.fft.rfft(w, N), N)"


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ("turned_by = -360 * 2 * 1 / 12", "turned_by = 60", "a later wave is behind"),
        ("wrong_samples = 50 - 1", "wrong_samples = 50", "The wrong samples: not right yet. You wrote 50;"),
        ("least_length = 1000 + 50 - 1", "least_length = 1050", "There must be a place for every sample"),
        ("least_length = 1000 + 50 - 1", "least_length = '1049'", "This is the text '1049'"),
        (BY_FFT, "N = len(x)", "The end has come round: this N has no room for 12 + 5 − 1 samples."),
        (BY_FFT, "N = len(x) + len(w)", "Its shape should be (16,), yours is (17,)"),
        (BACK, BACK.replace("* np.fft.rfft(w, N)", "* np.fft.rfft(w[::-1], N)"), "This is the cross-correlation"),
        (BACK, BACK.replace("* np.fft.rfft(w, N)", "* np.conj(np.fft.rfft(w, N))"), "This is the cross-correlation"),
        (f"return {BACK}", "return [[1], [2, 3]]", "This is not an array of numbers"),
        ("turned_by = -360 * 2 * 1 / 12", "turned_by = 300", "Say it between −180 and 180."),
        ("Y = X * np.conj(W)", "Y = [[1], [2, 3]]", "The output y: not right yet. This is not a transform"),
        (BACK, BACK.replace("* np", "+ np"), "16 of 16 entries are wrong, the first at [0]"),
        (BACK, "np.fft.irfft(np.fft.rfft(x, N) * np.fft.rfft(w), N)", "Python stopped at line 4 of the cell"),
        (f"return {BACK}", "pass", "Nothing comes back: is a return missing?"),
        (f"return {BACK}", "return ...", "12 samples with 5: still to be written."),
        ("wrong_pixels = 64 * 64 - 56 * 56", "wrong_pixels = 8 * 64", "nor in the first 8 columns"),
        ("Y = X * np.conj(W)", "Y = X * W", "a layer does not turn its kernel round"),
        ("Y = X * np.conj(W)", "Y = np.conj(X) * W", "Conjugate W, not X."),
        ("Y = X * np.conj(W)", "Y = ...", "The output y: still to be written."),
        ("Y = X * np.conj(W)", "Y = X[0]", "This is not a transform of shape (9, 7)."),
        ("dX = dY * W", "dX = dY * np.conj(W)", "the transpose of a correlation is a convolution"),
        ("dX = dY * W", "dX = dY + W", "The gradient dx: not right yet."),
        ("dW = np.conj(dY) * X", "dW = dY * np.conj(X)", "Conjugate dY, not X."),
        ("dW = np.conj(dY) * X", "dW = dY * X", "One of the two must be conjugated."),
        ("return Y, dX, dW", "return Y", "It should return the three transforms, Y, dX and dW."),
        ("by_sums = 506**2 * 7**2", "by_sums = 512**2 * 49", "512 − 7 + 1 = 506 places"),
        ("by_transforms = 3 * 512**2 * 18 + 2 * 512**2", "by_transforms = 512**2 * 18", "logarithm of 512² is 18"),
        ("128 * 96 + 96 * 256 + 128 * 256", "3 * 128 * 96 * 256", "one for each kernel"),
        ("pairs = 128 * 96 * 256", "pairs = 128 * 96", "Each image plane meets a kernel of every filter."),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(lecture, right, wrong, sentence, capsys):
    lecture.answer(right, wrong)
    assert sentence in capsys.readouterr().out


def test_its_own_length_is_fast_enough_to_be_used(lecture):
    """What the lecture quotes of SciPy."""
    from scipy.fft import next_fast_len

    assert next_fast_len(1049, real=True) == 1080
