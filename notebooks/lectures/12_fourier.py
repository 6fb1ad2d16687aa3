# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lecture 12 · Convolution by Fourier transforms
#
# *About 40 minutes · you need true convolution and cross-correlation ([Lecture 10](10_flip_and_slide.ipynb)), the
# layer and its gradients ([Lecture 11](11_convolutional_layers.ipynb)), and complex numbers:
# $e^{i\varphi} = \cos\varphi + i \sin\varphi$*
#
# **Open in** JupyterLab: `make lab` in a clone of stepgrad, or `stepgrad lab` where it is installed.
#
# A convolution with a kernel of $k \times k$ takes $k^2$ multiplications for each output. There is a way round that:
# rewrite both pictures as sums of waves, multiply the waves, and add them up again. The work then does not depend on
# $k$ at all. In 2014 Mathieu, Henaff and LeCun trained convolutional networks that way, some of their layers more than
# ten times faster than before. This lecture derives why it works, shows what goes wrong if one forgets that waves go
# on for ever, and measures on your machine from which kernel on it pays.
#
# Afterwards you can
#
# 1. derive the convolution theorem from one fact: a shift only turns the phases;
# 2. say which samples a transform that is too short spoils, and how long it must be;
# 3. write the forward pass and both gradients of a convolution with transforms;
# 4. count what either way costs, and say why a layer can use its transforms again and again;
# 5. explain why 3 × 3 kernels are convolved otherwise all the same.
#
# Run the cells from the top with <kbd>Shift</kbd>+<kbd>Enter</kbd>. Where a cell holds `...`, it is your turn:
# put your answer there, run the cell, then run the check below it, which says what is right and what is not. The
# code of the checks, and of the two cells that set things up, is folded: they run as all others do. Solutions,
# and tables that hold an answer, open at a click on their title.

# %% cellView="form" jupyter={"source_hidden": true}
# @title Install stepgrad (on Colab, where it is missing)
import sys
from importlib.util import find_spec

from IPython import get_ipython

if "google.colab" in sys.modules and find_spec("stepgrad") is None:
    get_ipython().run_line_magic("pip", "install --quiet stepgrad")

# %% cellView="form" jupyter={"source_hidden": true}
# @title Imports
import math
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

import stepgrad as sg
from stepgrad.homework import array_of, attempt, check_array, check_number, fold
from stepgrad.widgets import ConvolutionTheorem

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False})

# %% [markdown]
# ## 1. A shift only turns the phases
#
# Take $N$ samples $x[0], \dots, x[N-1]$. Their **discrete Fourier transform** is
#
# $$X[k] = \sum_{n=0}^{N-1} x[n]\, e^{-2\pi i\, k n / N}, \qquad
#   x[n] = \frac1N \sum_{k=0}^{N-1} X[k]\, e^{2\pi i\, k n / N} . \tag{1}$$
#
# The right half says that $x$ is a sum of waves. Number $k$ makes $k$ turns in $N$ samples, $|X[k]|/N$ is its
# amplitude, and the angle of $X[k]$ is its phase. All these waves have come full circle after $N$ samples, so the sum
# goes on with a copy of $x$, and another one: transforms see a signal as if it stood on a **circle** of $N$ places.
#
# Shift $x$ along that circle by $m$ places, to $x[n - m]$. The wave $e^{2\pi i k n/N}$ becomes
#
# $$e^{2\pi i\, k (n - m) / N} = e^{-2\pi i\, k m / N} \cdot e^{2\pi i\, k n / N} .$$
#
# It is the same wave, times a number of length 1. So a shift leaves all amplitudes as they are and turns the phases,
# each by its own angle:
#
# $$x[n - m] \quad \longleftrightarrow \quad e^{-2\pi i\, k m / N}\, X[k] . \tag{2}$$
#
# **Predict.** There are $N = 12$ samples. By how many degrees, between −180 and 180, does a shift by $m = 1$ turn
# frequency $k = 2$?

# %%
turned_by = ...  # degrees, with their sign

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the angle of a shift
check_number(
    "The angle",
    turned_by,
    -60,
    "A whole turn is 360 degrees; frequency 2 makes two turns in 12 samples, and a later wave is behind. "
    "Say it between −180 and 180.",
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# turned_by = -360 * 2 * 1 / 12
# ```
#
# </details>

# %%
x = np.array([1, 3, 4, 2, -1, -3, -2, 0, 2, 3, 3, 1.0])
X, shifted = np.fft.rfft(x), np.fft.rfft(np.roll(x, 1))


def degrees(z):
    """Angles in whole degrees, from −180 up to 180."""
    angles = np.rint(np.degrees(np.angle(z))).astype(int)
    return np.where(angles == -180, 180, angles)


lines = ["  k    |X|   |X| shifted   angle   shifted   turned by"]
for k in range(7):
    a, b, turn = degrees(X[k]), degrees(shifted[k]), degrees(shifted[k] / X[k])
    lines.append(f"{k:3} {abs(X[k]):6.2f} {abs(shifted[k]):13.2f} {a:6}° {b:8}° {turn:10}°")
fold("The transform of twelve samples, and of the same shifted by one, once you have answered", lines)

# %% [markdown]
# (Only the frequencies 0 to $N/2$ are listed, and `np.fft.rfft` only computes these. For real signals number $N - k$
# is the mirror image of number $k$: the same length, the opposite angle. The two together make a real wave.)
#
# ## 2. The convolution theorem
#
# Now convolve $x$ with a kernel $w$, still on the circle, where indices are taken modulo $N$. The definition
#
# $$y[n] = \sum_m w[m]\, x[n - m]$$
#
# is a sum of shifted copies of $x$: the copy that is shifted by $m$ is weighed with $w[m]$. Transform both sides. The
# transform of a sum is the sum of the transforms, and (2) says what becomes of each shifted copy:
#
# $$Y[k] = \sum_m w[m]\, e^{-2\pi i\, k m / N} X[k] = W[k]\, X[k] . \tag{3}$$
#
# What stands in front of $X[k]$ is the transform of $w$, by definition (1). That is the **convolution theorem**: the
# transform of a convolution is the product of the transforms, frequency by frequency. A convolution can't mix waves,
# it can only make each one larger or smaller and turn it. In the words of linear algebra: the Fourier waves are the
# eigenvectors of every convolution on a circle, and $W$ holds the eigenvalues.
#
# **Predict.** Below are a signal of 12 samples and a kernel of 5. The widget asks four questions before it shows what
# comes out, the last one ahead of section 6. Then step through it: transform, multiply, transform back. Point at a
# frequency to see its wave; drag a sample to change it.

# %%
first = ConvolutionTheorem(predict=True)
first

# %% [markdown]
# ## 3. What falls off the end comes round
#
# The waves know nothing of an end. A convolution of $n$ samples with $k$ has $n + k - 1$ samples. If the circle has
# only $N = n$ places, then the last $k - 1$ of them come round and fall on the first $k - 1$: place $j$ holds
#
# $$y_N[j] = y[j] + y[j + N] + y[j + 2N] + \cdots . \tag{4}$$
#
# The remedy is more places: fill up both signals with zeros to $N \ge n + k - 1$. Here is the same pair with $N = 12$,
# and below it with $N = 16$:

# %%
short = ConvolutionTheorem(x, [1, 0.75, 0.5, 0.25, 0.25], position=22)
display(short)
print(short.text())

# %%
padded = ConvolutionTheorem(x, [1, 0.75, 0.5, 0.25, 0.25], padded=True)
print(padded.text())

# %% [markdown]
# **Predict.** A signal of 1000 samples, a kernel of 50, transforms with $N = 1000$. How many samples of the result
# are wrong? How long must transforms be so that none is?

# %%
wrong_samples = ...
least_length = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: how much wraps round
check_number(
    "The wrong samples", wrong_samples, 49, "The convolution has 1000 + 50 − 1 samples, the circle 1000 places."
)
check_number("The least length", least_length, 1049, "There must be a place for every sample of the convolution.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# wrong_samples = 50 - 1
# least_length = 1000 + 50 - 1
# ```
#
# In practice one takes a little more. An algorithm for transforms splits $N$ into its factors (Cooley and Tukey,
# 1965), so lengths with small ones are fast; `scipy.fft.next_fast_len(1049, real=True)` says 1080.
#
# </details>

# %% [markdown]
# **Your turn.** Write the convolution of two signals with `np.fft.rfft(x, N)`, which fills up with zeros to $N$, and
# `np.fft.irfft(Y, N)`, which is its inverse.


# %%
def convolve_by_fft(x, w):
    """The convolution of two signals, len(x) + len(w) − 1 samples, by Fourier transforms."""
    N = ...
    return ...


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: convolution by transforms
def check_convolution():
    rng = np.random.default_rng(0)
    for n, k in ((12, 5), (7, 7), (100, 8)):
        x, w = rng.standard_normal(n), rng.standard_normal(k)
        what = f"{n} samples with {k}"
        y = attempt(what, lambda x=x, w=w: convolve_by_fft(x, w))
        if y is None:
            return
        if y is ...:
            print(f"{what}: still to be written.")
            return
        truth = np.convolve(x, w)
        circular = np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(w, n), n)
        size = n + k - 1
        conjugated = np.fft.irfft(np.fft.rfft(x, size) * np.conj(np.fft.rfft(w, size)), size)
        correlations = (np.convolve(x, w[::-1]), conjugated)
        short, long = array_of(y, circular.shape), array_of(y, truth.shape)
        if short is not None and np.allclose(short, circular):
            print(f"{what}: not right yet. The end has come round: this N has no room for {n} + {k} − 1 samples.")
            return
        if long is not None and any(np.allclose(long, other) for other in correlations):
            print(f"{what}: not right yet. This is the cross-correlation: multiply by W, not by its conjugate.")
            return
        check_array(what, y, truth, lambda place: "Compare with the sums: np.convolve(x, w).")


check_convolution()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def convolve_by_fft(x, w):
#     """The convolution of two signals, len(x) + len(w) − 1 samples, by Fourier transforms."""
#     N = len(x) + len(w) - 1
#     return np.fft.irfft(np.fft.rfft(x, N) * np.fft.rfft(w, N), N)
# ```
#
# (If $N$ is left out of `irfft`, it takes an even one. Where yours is odd, one sample is missing.)
#
# </details>

# %% [markdown]
# ## 4. Pictures
#
# Everything holds for two axes: transform along the rows, then along the columns. The waves are ripples that run
# across the picture, and the circle becomes a torus. What leaves a picture on the right enters it on the left, and
# what leaves below comes in above. Here a picture of 64 × 64 is blurred by a kernel of 9 × 9:

# %%
size, k = 64, 9
rows, columns = np.mgrid[:size, :size]
picture = 0.35 + 0.25 * np.sin(rows / 5) * np.cos(columns / 7)
picture[50:, :] = 1.0  # a bright ground …
picture[12:38, 40:60] = 0.05  # … and a dark window
bell = np.exp(-(np.arange(-4, 5) ** 2) / 8)
blur = np.outer(bell, bell) / bell.sum() ** 2

on_the_torus = np.fft.irfft2(np.fft.rfft2(picture) * np.fft.rfft2(blur, (size, size)), (size, size))
room = size + k - 1
full = np.fft.irfft2(np.fft.rfft2(picture, (room, room)) * np.fft.rfft2(blur, (room, room)), (room, room))
off = np.abs(on_the_torus - full[:size, :size])

fig, axes = plt.subplots(1, 4, figsize=(7.2, 2.1), layout="constrained")
panels = (
    (picture, "the picture"),
    (on_the_torus, "on a torus of 64 × 64"),
    (full[:size, :size], "with room for 72 × 72"),
    (off, "the difference"),
)
for ax, (values, title) in zip(axes, panels, strict=True):
    ax.imshow(values, cmap="gray_r" if title == "the difference" else "gray", vmin=0)
    ax.set(xticks=[], yticks=[])
    ax.set_title(title, fontsize=9)
    ax.spines[:].set(visible=True, color="#b3bcc8")
plt.show()

# %% [markdown]
# **Predict.** The bright ground shines into the sky, and the right edge into the left. Of the 64 × 64 pixels on the
# torus, how many get something from the other side?

# %%
wrong_pixels = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: how many pixels the torus spoils
check_number(
    "The wrong pixels",
    wrong_pixels,
    64**2 - 56**2,
    "A pixel is right if it lies neither in the first 8 rows nor in the first 8 columns.",
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# wrong_pixels = 64 * 64 - 56 * 56
# ```
#
# Eight rows and eight columns, the corner counted once.
#
# </details>

# %% [markdown]
# The 56 × 56 pixels that are right are those for which the kernel lies wholly inside the picture: all the outputs of a
# convolutional layer *without padding*. So such a layer needs no zeros at all. It transforms at the picture's own
# size, and drops what has been spoilt:

# %%
layer = sg.convolution.convolve(picture, blur, mode="valid", method="direct")
print("outputs of a layer without padding:", " × ".join(map(str, layer.shape)))
print("the same by transforms of 64 × 64: ", np.allclose(on_the_torus[k - 1 :, k - 1 :], layer, rtol=0, atol=1e-12))

# %% [markdown]
# The numbers are the same to rounding, and only to rounding. A sum of products rounds each output relative to that
# output. With transforms every output is made of all waves, so that the error is relative to the *largest* one, and a
# single NaN spoils everything:

# %%
rng = np.random.default_rng(1)
image, kernel = rng.standard_normal((1, 1, 128, 128)), rng.standard_normal((1, 1, 9, 9))
exact = sg.convolution.conv2d_forward(image, kernel, method="direct")
print("precision   largest error, of the largest output")
for dtype, bound in ((np.float64, 1e-13), (np.float32, 1e-5)):
    y = sg.convolution.conv2d_forward(image.astype(dtype), kernel.astype(dtype), method="fft")
    error = np.abs(y - exact).max() / np.abs(exact).max()
    print(f"{np.dtype(dtype).name:11} below {bound:g}: {error < bound}")
image[0, 0, 100, 100] = np.nan
spoilt = {
    method: int(np.isnan(sg.convolution.conv2d_forward(image, kernel, method=method)).sum())
    for method in ("direct", "fft")
}
print("outputs that one NaN spoils:", spoilt)

# %% [markdown]
# ## 5. Gradients are convolutions, too
#
# A layer computes the cross-correlation $y[n] = \sum_m x[n + m]\, w[m]$. By (2) a shift the other way turns the phases
# the other way, and the sum over $m$ becomes
#
# $$Y[k] = X[k]\, \overline{W[k]} , \tag{5}$$
#
# where the bar is the complex conjugate (for once, not an adjoint). Written as matrices, the layer transforms,
# multiplies each frequency by a number, and transforms back. What is its transpose, which is what reverse mode asks
# for? The transpose of a product is the product of the transposes in reverse order. For a real map that is
# diagonal in the waves, transposing means to conjugate the numbers on the diagonal. Call the adjoint of the output
# $\mathrm dy$ and its transform $\mathrm dY$; then
#
# $$\mathrm dX[k] = \mathrm dY[k]\, W[k], \qquad \mathrm dW[k] = \overline{\mathrm dY[k]}\, X[k] . \tag{6}$$
#
# The first has no conjugate, so it is a true convolution of $\mathrm dy$ with $w$. The second correlates $x$ with
# $\mathrm dy$. These are the two gradients of Lecture 11, and neither needs another transform of $x$ or $w$ than the
# forward pass has made already.
#
# **Your turn.** For one image of $n \times n$ and one kernel of $k \times k$, write the three products, with `np.conj`
# where it belongs.


# %%
def products(X, W, dY):
    """The transforms of y, dx and dw from those of x, w and dy."""
    Y = ...
    dX = ...
    dW = ...
    return Y, dX, dW


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: a layer's three operations
def is_transform(values, shape):
    """Whether these are numbers in this shape."""
    try:
        array = np.asarray(values)
    except ValueError:
        return False
    return array.shape == shape and array.dtype.kind in "fciu"


def check_products():
    rng = np.random.default_rng(2)
    x, w, dy = rng.standard_normal((9, 12)), rng.standard_normal((3, 4)), rng.standard_normal((7, 9))
    X, W, dY = (np.fft.rfft2(array, x.shape) for array in (x, w, dy))
    found = attempt("The products", lambda: products(X, W, dY))
    if found is None:
        return
    if not isinstance(found, (tuple, list)) or len(found) != 3:
        print("The products: not right yet. It should return the three transforms, Y, dX and dW.")
        return
    x4, w4, dy4 = x[None, None], w[None, None], dy[None, None]
    truths = {
        "The output y": sg.convolution.conv2d_forward(x4, w4, method="direct"),
        "The gradient dx": sg.convolution.conv2d_input_grad(dy4, w4, x4.shape, method="direct"),
        "The gradient dw": sg.convolution.conv2d_weight_grad(dy4, x4, w4.shape, method="direct"),
    }
    hints = (
        (
            (X * W, "W must be conjugated: a layer does not turn its kernel round."),
            (np.conj(X) * W, "Conjugate W, not X."),
        ),
        ((dY * np.conj(W), "No conjugate here: the transpose of a correlation is a convolution."),),
        ((dY * np.conj(X), "Conjugate dY, not X."), (dY * X, "One of the two must be conjugated.")),
    )
    for (what, truth), mine, known in zip(truths.items(), found, hints, strict=True):
        if mine is ...:
            print(f"{what}: still to be written.")
            continue
        if not is_transform(mine, X.shape):
            print(f"{what}: not right yet. This is not a transform of shape {X.shape}.")
            continue
        rows, columns = truth.shape[2:]
        hint = "Which two transforms, and which of them conjugated?"
        hint = next((sentence for other, sentence in known if np.allclose(other, mine)), hint)
        y = np.fft.irfft2(mine, x.shape)[:rows, :columns]
        check_array(what, y, truth[0, 0], lambda place, hint=hint: hint)


check_products()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def products(X, W, dY):
#     """The transforms of y, dx and dw from those of x, w and dy."""
#     Y = X * np.conj(W)
#     dX = dY * W
#     dW = np.conj(dY) * X
#     return Y, dX, dW
# ```
#
# All transforms are of the image's size. Of what comes back, $y$ is the first $n - k + 1$ rows and columns, and
# $\mathrm dw$ the first $k$; the rest is what came round.
#
# </details>

# %% [markdown]
# stepgrad's own kernels do the same, for batches, channels, strides and groups. Its three operations are each other's
# transposes, which can be tested without knowing any of them: $\langle y, \mathrm dy\rangle = \langle x, \mathrm
# dx\rangle = \langle w, \mathrm dw\rangle$.

# %%
x4, w4 = rng.standard_normal((2, 3, 20, 20)), rng.standard_normal((4, 3, 7, 7))
dy4 = rng.standard_normal((2, 4, 14, 14))
y4 = sg.convolution.conv2d_forward(x4, w4, method="fft")
dx4 = sg.convolution.conv2d_input_grad(dy4, w4, x4.shape, method="fft")
dw4 = sg.convolution.conv2d_weight_grad(dy4, x4, w4.shape, method="fft")
print(f"<y, dy> = {np.vdot(y4, dy4):.6f}")
print(f"<x, dx> = {np.vdot(x4, dx4):.6f}")
print(f"<w, dw> = {np.vdot(w4, dw4):.6f}")

# %% [markdown]
# ## 6. What it costs
#
# Count multiplications, for an image of $n \times n$ and a kernel of $k \times k$ without padding. By sums there are
# $n - k + 1$ places along each side, and $k^2$ products at each. By transforms there are three of these. A fast
# Fourier transform of $M$ real numbers takes about $M \log_2 M$ multiplications (each of its $\log_2 M$ rounds passes
# over all $M$ numbers; counts differ by small factors between algorithms). Here $M = n^2$. Then there are $n^2/2$
# products of complex numbers, of four real ones each:
#
# $$\text{sums: } (n - k + 1)^2\, k^2 \qquad\qquad \text{transforms: } 3\, n^2 \log_2 n^2 + 2\, n^2 . \tag{7}$$
#
# **Predict.** Put in $n = 512$. How many multiplications are it by sums for $k = 7$, and how many by transforms?

# %%
by_sums = ...
by_transforms = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: multiplications
check_number("By sums", by_sums, 506**2 * 49, "There are 512 − 7 + 1 = 506 places along a side.")
check_number("By transforms", by_transforms, 56 * 512**2, "The binary logarithm of 512² is 18.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# by_sums = 506**2 * 7**2
# by_transforms = 3 * 512**2 * 18 + 2 * 512**2
# ```
#
# 12.5 million against 14.7 million: at 7 × 7 the sums are still a little ahead, from 9 × 9 on the transforms.
#
# </details>

# %% [markdown]
# That is a count. What a machine does with it is another matter: it multiplies in bulk, waits for memory, and has
# favourite sizes. The button *Measure here* of the widget below times both ways on the machine that runs this
# notebook, as does `measure()`. The curves at the left are (7).

# %% tags=["nbval-ignore-output"]
costs = ConvolutionTheorem(view="costs")
points = costs.measure((3, 5, 7, 9, 11, 15, 31))["points"]
display(costs)
print("kernel      sums   transforms   sums / transforms")
for point in points:
    direct, fft = 1000 * point["direct"], 1000 * point["fft"]
    print(f"{point['size']:2} × {point['size']:<2} {direct:8.2f} ms {fft:8.2f} ms {direct / fft:16.2f}")
print("sums at least as fast up to, and transforms faster from:", costs.crossover)

# %% [markdown]
# The numbers are your machine's, and differ from run to run, the more so if it is busy with other things. Small
# kernels are faster by sums and large ones by transforms; where the two meet is a matter of the machine, and of how
# well either way has been programmed. The count of (7) is not far off:

# %%
print("multiplications, n = 512, k =     ", "".join(f"{k:>7}" for k in (5, 7, 9, 11)))
ratios = [(512 - k + 1) ** 2 * k**2 / (56 * 512**2) for k in (5, 7, 9, 11)]
print("those by sums / those by transforms", "".join(f"{ratio:7.2f}" for ratio in ratios))

# %% [markdown]
# ### Used again and again
#
# In a layer three transforms for one product would be a waste. Let a batch have $S$ images of $f$ channels, and the
# layer $f'$ filters, each of them $f$ kernels. There are $S f f'$ pairs of an image plane and a kernel. By sums each of
# them has to be convolved. By transforms, the transform of an image plane is used with all $f'$ filters, that of a
# kernel with all $S$ images, and the sum over channels is taken *before* the transform back, since transforms are
# linear.
#
# **Predict.** For $S = 128$ images, $f = 96$ channels and $f' = 256$ filters: how many transforms are there in the
# forward pass, and how many pairs of planes do they serve?

# %%
transforms = ...
pairs = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: transforms in a layer
check_number(
    "The transforms",
    transforms,
    128 * 96 + 96 * 256 + 128 * 256,
    "One for each plane of the images, one for each kernel, one back for each plane of the output.",
)
check_number("The pairs", pairs, 128 * 96 * 256, "Each image plane meets a kernel of every filter.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# transforms = 128 * 96 + 96 * 256 + 128 * 256
# pairs = 128 * 96 * 256
# ```
#
# 69,632 transforms for 3,145,728 pairs: one for 45 of them, where a single pair takes three.
#
# </details>

# %% [markdown]
# So in a large layer the products are most of the work, and the kernel from which on transforms take fewer
# multiplications gets smaller. Counted for images of 32 × 32:

# %%
print("images S   channels f   filters f'   per pair of planes: transforms, products   fewer from")
n = 32
for S, f, F in ((1, 1, 1), (1, 3, 64), (16, 16, 16), (128, 64, 64), (128, 96, 256)):
    shared = (S * f + f * F + S * F) / (S * f * F) * n**2 * math.log2(n**2)
    k = ConvolutionTheorem(image=n, batch=S, channels=f, filters=F).predicted_crossover
    print(f"{S:8} {f:12} {F:12} {shared:27,.0f} {2 * n**2:11,} {k:9} × {k}")

# %% [markdown]
# In training there is more to gain. By (6) the two gradients use $X$, $W$ and $\mathrm dY$: the transforms that the
# forward pass has made can be kept. That was the point of Mathieu, Henaff and LeCun: three convolutions for each
# layer and step, and the transforms of the images, kernels and adjoints each serve two of them.
#
# ## 7. Why 3 × 3 goes another way
#
# By that count transforms would win even at 3 × 3. Yet today's libraries use them there next to never. Here is a layer
# of that kind, 4 images of 32 channels, 32 × 32 pixels, with 32 filters, by stepgrad's methods:


# %% tags=["nbval-ignore-output"]
def seconds(method, x, w):
    """The shortest of three runs."""
    times = []
    for _ in range(3):
        start = perf_counter()
        sg.convolution.conv2d_forward(x, w, method=method)
        times.append(perf_counter() - start)
    return min(times)


x = rng.standard_normal((4, 32, 32, 32), dtype=np.float32)
for k in (3, 11):
    w = rng.standard_normal((32, 32, k, k), dtype=np.float32)
    found = {m: seconds(m, x, w) for m in ("im2col", "strips", "winograd", "fft") if m != "winograd" or k == 3}
    print(f"{k} × {k}: " + ", ".join(f"{method} {1000 * time:.1f} ms" for method, time in found.items()))

# %% [markdown]
# There are three reasons.
#
# **A count is not a time.** *im2col* and its relatives turn a layer into one product of large matrices. Processors are
# built for that: they fetch a number once and use it many times over. A transform passes over all its numbers
# $\log_2 M$ times and does little at each; it waits for memory.
#
# **Transforms need room.** The nine numbers of a 3 × 3 kernel become as many as the image has:

# %%
print("image       numbers in 64 × 64 kernels of 3 × 3   in their transforms   times as many")
for n in (14, 32, 224):
    real, spectrum = 64 * 64 * 9, 64 * 64 * n * (n // 2 + 1) * 2
    print(f"{n:3} × {n:<3} {real:27,} {spectrum:27,} {spectrum / real:15.0f}")

# %% [markdown]
# **There is a trick for small kernels.** Winograd (1980) showed how to get two outputs of a filter with three taps
# with 4 multiplications instead of 6. With samples $d_0, \dots, d_3$ and taps $g_0, g_1, g_2$:
#
# $$\begin{aligned}
#   m_1 &= (d_0 - d_2)\, g_0, & m_2 &= (d_1 + d_2)\, \tfrac{g_0 + g_1 + g_2}{2}, &
#   m_3 &= (d_2 - d_1)\, \tfrac{g_0 - g_1 + g_2}{2}, & m_4 &= (d_1 - d_3)\, g_2, \\
#   y_0 &= m_1 + m_2 + m_3, & y_1 &= m_2 - m_3 - m_4 .
# \end{aligned}$$
#
# The sums of taps are made once for a kernel. In two dimensions, one inside the other, it is 16 multiplications for
# four outputs instead of 36. It is the same idea as the convolution theorem: transform, multiply, transform back. Only
# the "waves" are small polynomials, everything stays real, and the transforms are a few additions on four numbers.

# %%
d, g = rng.standard_normal(4), rng.standard_normal(3)
m = (
    (d[0] - d[2]) * g[0],
    (d[1] + d[2]) * (g[0] + g[1] + g[2]) / 2,
    (d[2] - d[1]) * (g[0] - g[1] + g[2]) / 2,
    (d[1] - d[3]) * g[2],
)
by_winograd = [m[0] + m[1] + m[2], m[1] - m[2] - m[3]]
print("the same as the two sums:", np.allclose(by_winograd, np.correlate(d, g)))

# %% [markdown]
# So a library keeps several methods and chooses by the layer. stepgrad's `method="auto"` predicts the time of each from
# what it does and what such things take:

# %%
for images, kernels in (((4, 32, 32, 32), (32, 32, 3, 3)), ((1, 1, 512, 512), (1, 1, 31, 31))):
    choice = sg.convolution.choose(images, kernels)
    chosen = "transforms" if choice.method == "fft" else "no transforms"
    print(f"images {images!s:18} kernels {kernels!s:16} {chosen}")

# %% [markdown]
# Where kernels are large, transforms come back: in optics and sound, in physics, and in networks whose kernels are
# as long as the signal itself.
#
# ## Summary
#
# | | |
# |:---|:---|
# | a shift by $m$ | turns the phase of frequency $k$ by $-2\pi k m/N$, and leaves its amplitude |
# | convolution | $Y = X \cdot W$; cross-correlation, which layers compute: $Y = X \cdot \overline W$ |
# | on a circle of $N$ | sample $j$ holds $y[j] + y[j + N] + \cdots$; nothing wraps if $N \ge n + k - 1$ |
# | a layer without padding | needs no zeros: what wraps is dropped anyway |
# | input gradient, weight gradient | $\mathrm dX = \mathrm dY \cdot W$, $\mathrm dW = \overline{\mathrm dY} \cdot X$ |
# | multiplications | $(n-k+1)^2 k^2$ by sums; $3 n^2 \log_2 n^2 + 2 n^2$ by transforms, whatever $k$ |
# | a layer | $S f + f f' + S f'$ transforms serve $S f f'$ pairs of planes |
# | 3 × 3 | matrix products and Winograd's filters; transforms for large kernels |
#
# This ends the lectures on convolution: from the weights it saves, over what it computes, to how it is computed fast.
# The [map of the course](00_index.ipynb) has them all.
#
# **Back to** [Lecture 11](11_convolutional_layers.ipynb), convolutional layers, and
# [Lecture 10](10_flip_and_slide.ipynb), flip and slide.
#
# **Further reading.** M. Mathieu, M. Henaff, Y. LeCun, *Fast training of convolutional networks through FFTs*, ICLR
# (2014). J. W. Cooley, J. W. Tukey, *An algorithm for the machine calculation of complex Fourier series*, Mathematics
# of Computation 19 (1965). A. V. Oppenheim, R. W. Schafer, *Discrete-Time Signal Processing* (2010), chapter 8. S.
# Winograd, *Arithmetic Complexity of Computations*, SIAM (1980). A. Lavin, S. Gray, *Fast algorithms for convolutional
# neural networks*, CVPR (2016).
