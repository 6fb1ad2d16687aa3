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
# # Lecture 11 · Convolutional layers
#
# *About 45 minutes · you need sums over two indices; for section 6 also
# [Lecture 07](07_jacobians.ipynb), and for section 7 [Lecture 08](08_training.ipynb)*
#
# **Open in** JupyterLab: `make lab` in a clone of stepgrad, or `stepgrad lab` where it is installed.
#
# A convolutional layer asks one and the same question at every place of an image: how much does what lies here look
# like my filter? The answers make a new image. This lecture goes from a single window, done by hand, to a network
# that is trained on real images.
#
# Afterwards you can
#
# 1. compute any number of a convolutional layer's output, by hand and in three lines of NumPy;
# 2. say what a kernel of 3 × 3 will do to a photograph, from its numbers alone;
# 3. give the shape of a layer's output and the number of its parameters, for volumes and several filters;
# 4. say what stride, padding and dilation do to the size, and what a stride that doesn't fit leaves out;
# 5. say which outputs a pixel feeds, and how many windows add to the gradient of one weight;
# 6. train a small convolutional network, and look at what its filters have become.
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
    get_ipython().run_line_magic("pip", "install --quiet stepgrad scikit-learn")

# %% cellView="form" jupyter={"source_hidden": true}
# @title Imports
import math

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.colors import LinearSegmentedColormap
from sklearn.datasets import load_digits

import stepgrad as sg
from stepgrad import nn
from stepgrad.homework import array_of, attempt, check_array, check_number, fold
from stepgrad.widgets import ConvSlider

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False})


def in_short(widget):
    """What a ConvSlider says of its sizes and of the window."""
    lines = widget.text().splitlines()
    last = next(i for i, line in enumerate(lines) if line.startswith("  y["))
    return "\n".join(lines[: last + 1])


signed = LinearSegmentedColormap.from_list("signed", ["#C24A00", "#ffffff", "#0072B2"])  # below 0, 0, above 0

# %% [markdown]
# ## 1. One window, one number
#
# Take an image $x$ in one shade, a grid of numbers, and a **kernel** $w$, a smaller grid. Lay the kernel over the
# image with its upper left corner at row $p$ and column $q$. Multiply each of its numbers by the number below it,
# and add up:
#
# $$y[p, q] = \sum_{a}\sum_{b} x[p + a,\; q + b]\; w[a, b] .$$
#
# That is one number of the output, the **map**. Then move the kernel on by one column, and at the end of the row to
# the next row, to every place where it fits.
#
# Here are an image of 5 × 5 and a kernel of 3 × 3:

# %%
image = np.array([[1, 0, 2, 1, 0], [0, 3, 1, 0, 1], [2, 1, 0, 2, 0], [1, 0, 1, 3, 2], [0, 2, 0, 1, 1]])
kernel = np.array([[1, 0, -1], [2, 0, -2], [0, 1, 0]])
for row in range(5):
    print(*image[row], "     " if row < 3 else "", *[f"{number:2}" for number in kernel[row : row + 1].ravel()])

# %% [markdown]
# **Predict.** What is $y[0, 0]$, what is $y[1, 2]$, and how many numbers has the map?

# %%
y_0_0 = ...
y_1_2 = ...
numbers_of_the_map = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: two windows by hand
check_number("y[0, 0]", y_0_0, -2, "The window holds the rows 1 0 2, 0 3 1 and 2 1 0.")
check_number("y[1, 2]", y_1_2, 3, "The window starts at row 1 and column 2, counted from 0: 1 0 1, 0 2 0 and 1 3 2.")
check_number(
    "The numbers of the map", numbers_of_the_map, 9, "The kernel's corner can stand in rows 0, 1, 2. And columns?"
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# y_0_0 = 1 * 1 + 2 * (-1) + 0 * 2 + 1 * (-2) + 1 * 1
# y_1_2 = 1 * 1 + 1 * (-1) + 0 * 2 + 0 * (-2) + 3 * 1
# numbers_of_the_map = 3 * 3
# ```
#
# </details>

# %% [markdown]
# **Predict.** The widget asks for the size, and then for the number of each window before it slides on. Two or three of
# them are enough to get the hang of it; skip the others. Afterwards drag the window over the image, and drag a cell
# of the kernel up or down to change its number.

# %%
by_hand = ConvSlider(image, kernel, predict=True)
by_hand

# %% [markdown]
# ### In code
#
# **Predict.** Write the sum for one window. `x[p : p + h, q : q + k]` is the piece of `x` with `h` rows and `k` columns
# that begins at row `p` and column `q`; `*` multiplies arrays number by number.


# %%
def number_at(x, w, p, q):
    """y[p, q], for an image x (H, W) and a kernel w (h, k)."""
    h, k = w.shape
    window = x[p : p + h, q : q + k]
    return ...


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: one number of a map
def check_number_at():
    rng = np.random.default_rng(0)
    x, w = rng.integers(0, 9, (6, 8)).astype(float), rng.integers(-3, 4, (2, 3)).astype(float)
    truth, turned = sg.convolution.correlate(x, w), sg.convolution.convolve(x, w, "valid")
    places = list(np.ndindex(truth.shape))
    numbers = []
    for p, q in places:
        found = attempt("number_at", lambda p=p, q=q: number_at(x, w, p, q))
        if found is ...:
            print("number_at: still to be written.")
            return
        if found is None:
            return
        if isinstance(found, np.ndarray) and found.ndim:
            print(f"number_at: not right yet. An array of shape {found.shape} comes back: add its entries up.")
            return
        if array_of(found, ()) is None:
            print(f"number_at: not right yet. {found!r} comes back, and that is not a number.")
            return
        numbers.append(float(found))
    found = np.reshape(numbers, truth.shape)
    if np.allclose(found, turned):
        print("number_at: not right yet. Your kernel is turned by half a turn: w[a, b] meets x[p + a, q + b].")
        return
    check_array("number_at", found, truth, lambda place: f"There it should be {truth[place]:g}.")


check_number_at()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def number_at(x, w, p, q):
#     """y[p, q], for an image x (H, W) and a kernel w (h, k)."""
#     h, k = w.shape
#     window = x[p : p + h, q : q + k]
#     return np.sum(window * w)
# ```
#
# </details>

# %%
whole_map = sg.convolution.correlate(image.astype(float), kernel.astype(float))
lines = [" ".join(f"{number:3.0f}" for number in row) for row in whole_map]
fold("The map of the image above, once you have answered", [*lines, "", *by_hand.text().splitlines()[:5]])

# %% [markdown]
# ### Convolution, or not quite
#
# In mathematics a convolution has minus signs, $y[p, q] = \sum x[p - a,\; q - b]\, w[a, b]$: the kernel is turned by
# half a turn before it slides ([Lecture 10](10_flip_and_slide.ipynb) is about that). What we have just written,
# without the turn, is called **cross-correlation**. Libraries for neural networks leave out the turn and say
# convolution all the same. That does no harm, since the numbers in the kernel are learnt: a network that turned its
# kernels would learn them turned. But if the kernel is given, it matters. Switch this widget between the two, and
# watch the kernel and the map:

# %%
turning = ConvSlider("card", "emboss", kernel=3, position=30 * 30 - 1)
display(turning)
print(in_short(turning))

# %% [markdown]
# **Predict.** For which of these four does the turn change *nothing*, whatever the image is? Name them in a set, such
# as `{"A", "B"}`.
#
# $$A = \begin{pmatrix} 1&2&1\\ 2&4&2\\ 1&2&1 \end{pmatrix}\quad
# B = \begin{pmatrix} -1&0&1\\ -2&0&2\\ -1&0&1 \end{pmatrix}\quad
# C = \begin{pmatrix} 0&1&0\\ 1&-4&1\\ 0&1&0 \end{pmatrix}\quad
# D = \begin{pmatrix} 0&0&1\\ 0&1&0\\ 1&0&0 \end{pmatrix}$$

# %%
unchanged = ...


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: kernels that may be turned
def check_unchanged():
    kernels = {
        "A": [[1, 2, 1], [2, 4, 2], [1, 2, 1]],
        "B": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
        "C": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
        "D": [[0, 0, 1], [0, 1, 0], [1, 0, 0]],
    }
    if unchanged is ...:
        print("The kernels that may be turned: still to be answered.")
        return
    named = {letter for letter in str(unchanged).upper() if letter.isalpha()}
    if not named or named - set(kernels):
        print("The kernels that may be turned: not right yet. Their names are A, B, C and D.")
        return
    says = {
        "A": "Turn A by hand: it is the same.",
        "B": "Turned, the columns of B change places, and its map changes its sign.",
        "C": "Turn C by hand: it is the same.",
        "D": "Half a turn is not a reflection: the upper right corner of D goes to the lower left.",
    }
    for name, numbers in kernels.items():
        same = np.array_equal(numbers, np.array(numbers)[::-1, ::-1])
        if same != (name in named):
            print(f"The kernels that may be turned: not right yet. {says[name]}")
            return
    print("The kernels that may be turned: right, A, C and D.")


check_unchanged()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# unchanged = {"A", "C", "D"}
# ```
#
# </details>

# %% [markdown]
# ## 2. What a kernel does to a photograph
#
# Before kernels were learnt they were designed. Their numbers can be read:
#
# - **The sum of the numbers** is what happens where the image has one shade all over. A sum of 1 keeps the shade, a
#   sum of 0 makes 0 of it.
# - **Positive all over, with the sum 1:** a mean, so the image is blurred.
# - **Positive on one side, negative on the other:** a difference, which finds an edge. It is positive where the
#   image gets brighter towards the positive side.
# - **The middle against its surroundings:** large at spots and fine lines, and 0 on even slopes.
#
# Here are six of them on a photograph (of the computer pioneer Grace Hopper; it comes with matplotlib). In the widget
# choose other kernels and other images, also one of your own: it does not leave the page.

# %%
names = ["gaussian", "sharpen", "sobel_x", "sobel_y", "laplacian", "emboss"]
kernels_at_work = ConvSlider("grace_hopper", names, kernel=3, size=64, position=62 * 62 - 1, filter=2)
display(kernels_at_work)
print(in_short(kernels_at_work))

# %% [markdown]
# **Predict.** All pixels under the window have the shade 0.7. What is the map's number there under the kernel *Sobel x*
# (it is $B$ above), and what under *sharpen*,
#
# $$\begin{pmatrix} 0&-1&0\\ -1&5&-1\\ 0&-1&0 \end{pmatrix} ?$$

# %%
under_sobel = ...
under_sharpen = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: where nothing changes
check_number("Under Sobel x", under_sobel, 0, "Take 0.7 out of the sum: what do the kernel's numbers add up to?", 1e-9)
check_number(
    "Under sharpen", under_sharpen, 0.7, "Take 0.7 out of the sum: what do the kernel's numbers add up to?", 1e-9
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# under_sobel = 0.7 * 0
# under_sharpen = 0.7 * 1
# ```
#
# </details>

# %% [markdown]
# **Predict.** Now design one. Write a kernel of 3 × 3 that moves the image by one pixel to the *right*: compared with
# the kernel that has a single 1 in its middle (the identity), each number of the map is to show the pixel to the
# left of that one.

# %%
move_right = ...  # three rows: [[…], […], […]]


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the kernel that moves
def why_move(place):
    if array_of(move_right, (3, 3))[1, 2]:
        return "That one fetches the pixel to the right of the middle, so the image moves to the left."
    return "The map's number should be one pixel, unchanged: the one to the left of the middle."


check_array("The kernel that moves to the right", move_right, np.array([[0.0, 0, 0], [1, 0, 0], [0, 0, 0]]), why_move)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# move_right = [[0, 0, 0], [1, 0, 0], [0, 0, 0]]
# ```
#
# </details>

# %% [markdown]
# Every kernel is a sum of such moves, with its numbers as weights: that is another way to read the formula. It
# holds for any kernel, as the next lines show for *emboss*, whose seven nonzero numbers are seven moved images.

# %%
card = np.asarray(ConvSlider("card", [[1.0]]).output()[0])  # the test card, the mean of its colours
emboss = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], float)
moved = {(a, b): card[a : a + 30, b : b + 30] for a, b in np.ndindex(3, 3)}
added_up = sum(emboss[place] * moved[place] for place in moved)
print("emboss is a sum of moved images:", np.allclose(added_up, sg.convolution.correlate(card, emboss)))

# %% [markdown]
# ## 3. A volume: all channels at once
#
# A colour image has three channels, red, green and blue. It is a **volume** of numbers, $x[c, i, j]$: for 32 × 32
# pixels, $3 \times 32 \times 32$ of them. The filter is a volume too, and it always goes through *all* channels: a
# filter of 5 × 5 on three channels has the shape $3 \times 5 \times 5$. (One speaks of 32×32×3 and 5×5×3; NumPy and
# `sg.nn.conv2d` put the channels first.) It slides down and across, but not through the channels, where there is
# nothing left to slide. To the sum a number is added that is the same everywhere, the **bias**:
#
# $$y[p, q] = \beta + \sum_{c}\sum_{a}\sum_{b} x[c,\; p + a,\; q + b]\; w[c, a, b] .$$
#
# **Predict.** For an image of 32×32×3 and a filter of 5×5×3: how many products are in one number of the map, and how
# many rows has the map? And how many channels?

# %%
products_in_a_number = ...
rows_of_the_map = ...
channels_of_the_map = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: a filter on a volume
check_number("The products", products_in_a_number, 75, "All of the filter's numbers take part, in all three channels.")
check_number(
    "The rows of the map", rows_of_the_map, 28, "The filter's upper edge can be at row 0, and at which row at last?"
)
check_number("The channels of the map", channels_of_the_map, 1, "For each place there is one sum over all channels.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# products_in_a_number = 5 * 5 * 3
# rows_of_the_map = 32 - 5 + 1
# channels_of_the_map = 1
# ```
#
# </details>

# %% [markdown]
# Here is one whose channels differ: it takes the mean of the red over the window, less the mean of the blue. The
# window lies on the mouth. Slide it to where the colours change, and look at the three sums.

# %%
red_less_blue = np.zeros((3, 5, 5))
red_less_blue[0] = 1 / 25
red_less_blue[2] = -1 / 25
colours = ConvSlider("card", {"red less blue": red_less_blue}, bias=0.1, position=19 * 28 + 13)
display(colours)
print(colours.text())

# %% [markdown]
# **Predict.** Write one number of the map as what it is, a dot product of two vectors of 75 numbers, plus the bias.
# (`ravel()` lays an array out as a vector.)


# %%
def number_of_volume(x, w, bias, p, q):
    """y[p, q], for a volume x (C, H, W) and a filter w (C, h, k)."""
    _, h, k = w.shape
    window = x[:, p : p + h, q : q + k]
    return ...


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: one number as a dot product
def check_volume():
    rng = np.random.default_rng(1)
    x, w = rng.standard_normal((3, 9, 8)), rng.standard_normal((3, 4, 5))
    bias, (p, q) = 0.25, (3, 2)
    truth = nn.conv2d(x[np.newaxis], w[np.newaxis], np.array([bias]))[0, 0, p, q]
    found = attempt("number_of_volume", lambda: number_of_volume(x, w, bias, p, q))
    if found is ...:
        print("number_of_volume: still to be written.")
    elif found is not None:
        hint = "It is the sum of all products of the window and w, and the bias."
        mine = array_of(found, ())
        if mine is not None and abs(mine + bias - truth) < 1e-9:
            hint = "The bias is missing."
        elif mine is not None and abs(mine - np.sum(x[0, p : p + 4, q : q + 5] * w[0]) - bias) < 1e-9:
            hint = "That is the first channel alone: add up all of them."
        check_number("number_of_volume", found, truth, hint, 1e-9)


check_volume()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def number_of_volume(x, w, bias, p, q):
#     """y[p, q], for a volume x (C, H, W) and a filter w (C, h, k)."""
#     _, h, k = w.shape
#     window = x[:, p : p + h, q : q + k]
#     return window.ravel() @ w.ravel() + bias
# ```
#
# </details>

# %% [markdown]
# That is what the layer computes, at all places at once. The sum over the channels can also be done at the end: the
# map is three maps of one channel each, added up.

# %%
rng = np.random.default_rng(2)
x = rng.standard_normal((3, 32, 32))
w, bias = rng.standard_normal((3, 5, 5)), 0.1

y = nn.conv2d(x[np.newaxis], w[np.newaxis], np.array([bias]))  # a batch of one image, a bank of one filter
by_channel = sum(sg.convolution.correlate(x[c], w[c]) for c in range(3)) + bias
print("the map's shape:", y.shape)
print("three maps added up, and the bias:", np.allclose(y[0, 0], by_channel))

# %% [markdown]
# ## 4. A second filter, and six
#
# One filter asks one question. For a second question take a second filter, with weights and a bias of its own: it
# makes a second map of the same size. Laid on top of each other the maps are a new volume, and the next layer treats
# it as its image. It does not matter any more that the channels were colours once.
#
# **Predict.** Six filters of 5×5×3 on the image of 32×32×3. How many numbers are in the new volume, and how many
# parameters has the layer, weights and biases together? Then a second layer follows, of ten filters of 5 × 5. How many
# parameters has that one?

# %%
numbers_in_the_volume = ...
parameters_of_six = ...
parameters_of_the_next = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: six filters
check_number("The numbers in the volume", numbers_in_the_volume, 28 * 28 * 6, "It is 28×28×6.")
check_number("The parameters of six filters", parameters_of_six, 456, "A filter has 5·5·3 weights and one bias.")
check_number(
    "The parameters of the next layer",
    parameters_of_the_next,
    10 * (5 * 5 * 6 + 1),
    "Its filters go through all channels of their input, and that has six.",
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# numbers_in_the_volume = 28 * 28 * 6
# parameters_of_six = 6 * (5 * 5 * 3 + 1)
# parameters_of_the_next = 10 * (5 * 5 * 6 + 1)
# ```
#
# </details>

# %%
six = ConvSlider("card", ["sobel_x", "sobel_y", "laplacian", "gaussian", "sharpen", "gabor"], position=28 * 28 - 1)
display(six)
print(in_short(six))

# %%
fig, ax = plt.subplots(figsize=(4.6, 2.3), layout="constrained")
for k, layer in reversed(list(enumerate(six.output()))):
    left, up, reach = 13 * k, 6 * k, np.abs(layer).max()
    place = (left, left + 28, up, up + 28)
    ax.imshow(layer, cmap=signed, vmin=-reach, vmax=reach, extent=place, interpolation="nearest", zorder=6 - k)
    ax.add_patch(plt.Rectangle((left, up), 28, 28, fill=False, edgecolor="#5b6675", linewidth=0.8, zorder=6 - k))
ax.set(xlim=(-1, 94), ylim=(-1, 59))
ax.set_title("28×28×6: six maps, the image of the next layer", fontsize=9)
ax.set_axis_off()
plt.show()

# %% [markdown]
# Compare that with a fully connected layer between the same two volumes. Each of the 4,704 outputs would have a
# weight for each of the 3,072 inputs and a bias of its own, 14,455,392 parameters in all. The convolutional layer
# does with 456, for two reasons: an output reads 75 inputs and not 3,072, and all outputs of a map share their
# weights. The matrix view of the widget shows both at once, as zeros and as equal colours.
#
# ## 5. Stride, padding, dilation
#
# The window need not stop at every pixel. With the **stride** $S$ it moves on by $S$ pixels, down and across. With the
# **padding** $P$ the image gets $P$ rows and columns of zeros on each side first. How many places are there for a
# kernel of $F$ along an axis of $N$? Its first row can be 0, 1, … up to $N + 2P - F$ rows away from the edge, and it
# stops at every $S$-th of these, beginning with 0:
#
# $$\frac{N - F + 2P}{S} + 1 .$$
#
# If the division does not come out even, the stride does not fit. The window stops before the end, and the last rows
# of the padded image are never looked at. Then the fraction is rounded down, and it is good to know about it:

# %%
fig, axes = plt.subplots(1, 3, figsize=(7.0, 1.9), layout="constrained")
for ax, stride in zip(axes, (1, 2, 3), strict=True):
    starts = range(0, 7 - 3 + 1, stride)
    for i in range(7):
        missed = i > starts[-1] + 2
        ax.add_patch(plt.Rectangle((i, 0), 1, 1, facecolor="#fbe9df" if missed else "#f5f7f9", edgecolor="#b3bcc8"))
        ax.text(i + 0.5, 0.5, "missed" if missed else str(i), ha="center", va="center", fontsize=6 if missed else 8)
    for k, start in enumerate(starts):
        ax.plot(
            [start + 0.08, start + 2.92], [-0.35 * (k + 1)] * 2, color="#0072B2", linewidth=3, solid_capstyle="butt"
        )
    left_over = (7 - 3) % stride
    count = f"(7 − 3)/{stride} + 1 = {len(starts)}" if not left_over else f"⌊(7 − 3)/{stride}⌋ + 1 = {len(starts)}"
    ax.set(xlim=(-0.1, 7.1), ylim=(-2.2, 1.2), aspect="equal")
    ax.set_title(f"stride {stride}: {count}", fontsize=9)
    ax.set_axis_off()
plt.show()

# %% [markdown]
# With the **dilation** $D$ the kernel's own entries stand $D$ pixels apart: it reaches over $D(F - 1) + 1$ pixels
# with no more weights, and that number takes the place of $F$.
#
# **Predict.** Write the rule, and how many rows at the end of the padded image are never reached (with padding they
# may be zeros). `//` divides and rounds down; `%` is what is left over.


# %%
def places(n, f, stride=1, padding=0, dilation=1):
    """The places of a kernel of f along an axis of n, and the padded image's last rows, which it never reaches."""
    count = ...
    never_reached = ...
    return count, never_reached


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the size rule
def walk(n, f, stride, padding, dilation):
    """The same by walking along the axis: the places, and the rows of the padded image behind the last one."""
    reach = dilation * (f - 1)
    starts = [start for start in range(-padding, n + padding, stride) if start + reach < n + padding]
    return len(starts), n + padding - 1 - (starts[-1] + reach)


def check_places():
    told = []
    for case in (
        (32, 5, 1, 0, 1),
        (32, 5, 2, 0, 1),
        (7, 3, 3, 0, 1),
        (32, 5, 1, 2, 1),
        (8, 3, 2, 1, 1),
        (32, 3, 2, 0, 4),
    ):
        found = attempt("places", lambda case=case: places(*case))
        if found is None:
            return
        if isinstance(found, np.ndarray):
            found = list(found.ravel())
        if not isinstance(found, (tuple, list)) or len(found) != 2:
            print("places: not right yet. It should return two numbers, count and never_reached.")
            return
        told += [
            (name, case, yours, truth)
            for name, yours, truth in zip(("count", "never_reached"), found, walk(*case), strict=True)
        ]
    for name in ("count", "never_reached"):
        mine = [(case, yours, truth) for which, case, yours, truth in told if which == name]
        if mine[0][1] is ...:
            print(f"{name}: still to be written.")
            continue
        wrong = [(case, yours, truth) for case, yours, truth in mine if array_of(yours, ()) != truth]
        if not wrong:
            print(f"{name}: right in all {len(mine)} cases.")
            continue
        (n, f, stride, padding, dilation), yours, truth = wrong[0]
        case = f"n = {n}, f = {f}, stride {stride}, padding {padding}, dilation {dilation}"
        print(f"{name}: not right yet. For {case} it is {truth}, and yours is {yours!r}.")


check_places()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def places(n, f, stride=1, padding=0, dilation=1):
#     """The places of a kernel of f along an axis of n, and the padded image's last rows, which it never reaches."""
#     count = (n - (dilation * (f - 1) + 1) + 2 * padding) // stride + 1
#     never_reached = (n - (dilation * (f - 1) + 1) + 2 * padding) % stride
#     return count, never_reached
# ```
#
# </details>

# %% [markdown]
# **Predict.** With stride 1, which padding keeps the size for a kernel of 7 × 7? And which one for a kernel of 3 × 3
# with dilation 2?

# %%
padding_for_7 = ...
padding_for_3_dilated = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the padding that keeps the size
check_number("The padding for 7 × 7", padding_for_7, 3, "Solve N − F + 2P + 1 = N.")
check_number("The padding for 3 × 3, dilation 2", padding_for_3_dilated, 2, "With dilation 2 it reaches over 5 pixels.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# padding_for_7 = (7 - 1) // 2
# padding_for_3_dilated = (2 * (3 - 1) + 1 - 1) // 2
# ```
#
# </details>

# %% [markdown]
# Stride 2 on the photograph does not fit, and the widget says what is left out. Add padding, and it still does not fit,
# with any padding at all. (Why not? Is $32 - 5 + 2P$ odd or even?) Look for a stride that does.

# %%
strided = ConvSlider("grace_hopper", "gaussian", stride=2, position=14 * 14 - 1)
display(strided)
print(in_short(strided))

# %% [markdown]
# Zeros around the image are not neutral. To a kernel that looks for edges, the border between the image and the zeros
# *is* an edge. Here is *Sobel x* on a photograph, without padding and with it. The frame is an artefact, and a
# network has to learn to live with it.

# %%
fig, axes = plt.subplots(1, 2, figsize=(5.6, 2.7), layout="constrained")
for ax, padding in zip(axes, (0, 2), strict=True):
    layer = ConvSlider("china", "sobel_x", padding=padding, size=64).output()[0]
    reach = np.abs(layer).max()
    ax.imshow(layer, cmap=signed, vmin=-reach, vmax=reach)
    ax.set_title(f"padding {padding}: {layer.shape[0]} × {layer.shape[1]}", fontsize=9)
    ax.set_axis_off()
plt.show()

# %% [markdown]
# ## 6. Backwards
#
# What a window reads is its **receptive field**: 5×5×3 numbers of the image. For the reverse sweep one has to ask
# the other way round. Which outputs does a given pixel feed? All those whose window it lies in. Their adjoints come
# back to it, each multiplied by the weight through which the pixel was read.
#
# **Predict.** The image has 32×32 pixels, the kernel 5 × 5, stride 1, no padding. How many numbers of one map does a
# pixel in the middle feed? How many does a pixel in the corner? And seen from a *weight*: how many numbers of the map
# is each weight used for?

# %%
fed_from_the_middle = ...
fed_from_the_corner = ...
uses_of_a_weight = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: who feeds whom
check_number("From the middle", fed_from_the_middle, 25, "The pixel can be any of the window's 5 × 5.")
check_number("From the corner", fed_from_the_corner, 1, "In how many windows does the image's corner lie?")
check_number("The uses of a weight", uses_of_a_weight, 784, "A weight takes part in every window.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# fed_from_the_middle = 5 * 5
# fed_from_the_corner = 1
# uses_of_a_weight = 28 * 28
# ```
#
# </details>

# %%
backwards = ConvSlider("card", "sobel_x", mode="backward", selected=[12, 16])
backwards

# %% [markdown]
# Point at the image, and the widget shows the outputs that the pixel feeds, with the weights. They appear turned by
# half a turn: the pixel is read by the *last* weight in the first of these windows. So the way back is a true
# convolution with the same kernel, and with it the turn has come back. Three questions to `sg.grad` and to the
# structured Jacobian of Lecture 07:

# %%
ones = np.ones((1, 1, 5, 5))
picture = np.random.default_rng(3).random((1, 1, 32, 32))
fed = sg.grad(lambda x: np.sum(nn.conv2d(x, ones)))(picture)[0, 0]
print("outputs fed by the pixels of the first row:", *fed[0, :7].astype(int), "…")
print("by those of row 12:                        ", *fed[12, :7].astype(int), "…")

weights = np.random.default_rng(4).standard_normal((1, 1, 5, 5))
adjoint = np.random.default_rng(5).standard_normal((1, 1, 28, 28))
_, pullback = sg.vjp(lambda x: nn.conv2d(x, weights), picture)
way_back = sg.convolution.convolve(adjoint[0, 0], weights[0, 0], "full")
print("the pullback is a true convolution:        ", np.allclose(pullback(adjoint)[0][0, 0], way_back))

J = sg.structured_jacobian(lambda x: nn.conv2d(x, weights), picture)
print(f"the Jacobian: {J.shape[0]} × {J.shape[1]}, {J.structure}, {J.nnz:,} nonzeros,", end=" ")
print(f"{np.unique(J.to_sparse().data).size} different numbers")

# %% [markdown]
# The gradient of a weight, in turn, adds up over all 784 windows: adjoint times the pixel that the weight was laid
# on. That sum is a cross-correlation of the image with the adjoints, and it is what training needs.

# %%
by_weights = sg.grad(lambda w: np.sum(adjoint * nn.conv2d(picture, w)))(weights)[0, 0]
print(
    "the weights' gradient is a correlation:",
    np.allclose(by_weights, sg.convolution.correlate(picture[0, 0], adjoint[0, 0])),
)

# %% [markdown]
# ## 7. A network that learns its filters
#
# Now let the filters be learnt. The images are the 1,797 handwritten digits of Lecture 08, of 8 × 8 pixels, now left
# as images. The network has two convolutional layers, each followed by ReLU and by **max-pooling**, which keeps the
# largest of every 2 × 2 numbers of a map:
#
# | | shape |
# |:---|:---|
# | image | 1 × 8 × 8 |
# | 8 filters of 5×5×1, padding 2, ReLU | 8 × 8 × 8 |
# | max-pooling | 8 × 4 × 4 |
# | 16 filters of 3×3×8, padding 1, ReLU | 16 × 4 × 4 |
# | max-pooling | 16 × 2 × 2 |
# | fully connected | 10 logits |
#
# **Predict.** How many parameters has it? (The network of Lecture 08, without convolutions, had 6,570.)

# %%
parameters_of_the_network = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the network's parameters
check_number(
    "The parameters of the network",
    parameters_of_the_network,
    8 * (25 + 1) + 16 * (72 + 1) + 10 * (64 + 1),
    "Three layers have parameters: 8·(25 + 1), then 16·(9·8 + 1), and the last one is on 16·2·2 numbers.",
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# parameters_of_the_network = 8 * (5 * 5 * 1 + 1) + 16 * (3 * 3 * 8 + 1) + 10 * (16 * 2 * 2 + 1)
# ```
#
# </details>

# %%
digits, labels = load_digits(return_X_y=True)
digits = digits.reshape(-1, 1, 8, 8) / 16
order = np.random.default_rng(0).permutation(len(labels))
train_x, train_labels = digits[order[:1437]], labels[order[:1437]]
test_x, test_labels = digits[order[1437:]], labels[order[1437:]]


def initial(rng):
    """Weights as He et al. (2015) draw them for ReLU, the first and the last ones ten times smaller; biases 0."""

    def he(*shape):
        return rng.standard_normal(shape) * math.sqrt(2 / math.prod(shape[1:]))

    return {
        "w1": he(8, 1, 5, 5) / 10,
        "b1": np.zeros(8),
        "w2": he(16, 8, 3, 3),
        "b2": np.zeros(16),
        "W3": he(10, 64) / 10,
        "b3": np.zeros(10),
    }


def logits(p, x):
    h = nn.max_pool2d(nn.relu(nn.conv2d(x, p["w1"], p["b1"], padding=2)), 2)
    h = nn.max_pool2d(nn.relu(nn.conv2d(h, p["w2"], p["b2"], padding=1)), 2)
    return nn.linear(nn.flatten(h), p["W3"], p["b3"])


def loss(p, x, labels):
    return nn.softmax_cross_entropy(logits(p, x), labels)


def train(loss, parameters, epochs, rate, rng, size=32):
    """Stochastic gradient descent as in Lecture 08; returns the parameters after each epoch."""
    gradient_of = sg.grad(loss)
    after_epoch = [parameters]
    for _ in range(epochs):
        shuffled = rng.permutation(len(train_x))
        for first in range(0, len(train_x), size):
            batch = shuffled[first : first + size]
            gradient = gradient_of(parameters, train_x[batch], train_labels[batch])
            parameters = {name: parameters[name] - rate * gradient[name] for name in parameters}
        after_epoch.append(parameters)
    return after_epoch


def count_right(logits, parameters, x):
    return int(np.sum(logits(parameters, x).argmax(axis=1) == test_labels))


start = initial(np.random.default_rng(4))
after_epoch = train(loss, start, epochs=20, rate=0.2, rng=np.random.default_rng(2))
trained = after_epoch[-1]

print("numbers to train:", sum(p.size for p in start.values()))
print("epoch   loss   right, of 360 held out")
for epoch in (0, 1, 2, 5, 10, 20):
    p = after_epoch[epoch]
    print(f"{epoch:5} {loss(p, train_x, train_labels):6.2f} {count_right(logits, p, test_x):12}")

# %% [markdown]
# Every gradient in there came from `sg.grad`, and every convolution from stepgrad's own NumPy kernels. On one core of
# a laptop it takes a few seconds.
#
# What has it learnt? These are the eight filters of the first layer before and after, each scaled by itself:

# %%
fig, axes = plt.subplots(2, 8, figsize=(7.0, 2.0), layout="constrained")
for row, (when, p) in enumerate((("before", start), ("after", trained))):
    for k, ax in enumerate(axes[row]):
        reach = np.abs(p["w1"][k]).max()
        ax.imshow(p["w1"][k, 0], cmap=signed, vmin=-reach, vmax=reach)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color="#b3bcc8")
    axes[row, 0].set_ylabel(when, fontsize=9)
plt.show()

# %% [markdown]
# They began as noise. Afterwards several can be read, as the kernels of section 2 can. A band of positive weights with
# negative ones beside it looks for a stroke: a lying one in the third filter, a standing one in the last. The sixth
# looks for an edge with the ink above it. Others are harder to name. Nobody told them what to look for. Open them on
# a digit, and change their numbers if you like: the maps follow.

# %%
digit = test_x[np.flatnonzero(test_labels == 3)[0], 0]
learned = ConvSlider(digit, trained["w1"], padding=2, bias=trained["b1"], position=8 * 8 - 1)
display(learned)
print(in_short(learned))

# %% [markdown]
# The same eight filters work on any image, for a filter does not know how large the image is. On three channels each
# of them is shared out evenly over the colours. On this flower some find the edges of the petals on one side, others
# just answer to what is bright. Choose other images, also one of your own. (In every ConvSlider of 5 × 5 the three
# filters named above are among the presets.)

# %%
named = {f"learned {k + 1}": trained["w1"][k, 0] for k in range(8)}
elsewhere = ConvSlider("flower", named, position=28 * 28 - 1)
display(elsewhere)
print(elsewhere.text().splitlines()[2])

# %% [markdown]
# ### What sharing is good for
#
# If the image moves by a pixel, the maps of a convolutional layer move by a pixel, and are otherwise the same (but
# for the border). One says that the layer is **equivariant** under shifts. A filter that has learnt a stroke in one
# place knows it in all others. A fully connected layer has no such property: it has to see the stroke everywhere.

# %%
digit_moved = np.roll(digit, 1, axis=1)  # by one pixel to the right
both = np.stack([digit, digit_moved])[:, np.newaxis]
maps, maps_moved = nn.conv2d(both, trained["w1"], trained["b1"], padding=2)
print("inside, all eight maps have moved by one pixel:", np.allclose(maps_moved[:, :, 3:6], maps[:, :, 2:5]))

# %% [markdown]
# **Predict.** Both networks, this one and the one of Lecture 08, are trained on the same digits, and get about 355 of
# the 360 held-out digits right. Now all held-out digits are moved by one pixel to the right, which no network has ever
# seen. How many are still right in the network without convolutions? And how many here? (A guess will do: within 60.)

# %%
right_without = ...
right_with = ...


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: digits that have moved
def move(x, down, across):
    """Images moved by some pixels, with 0 where nothing comes from."""
    out = np.zeros_like(x)
    rows, columns = slice(max(0, down), 8 + min(0, down)), slice(max(0, across), 8 + min(0, across))
    from_rows, from_columns = slice(max(0, -down), 8 + min(0, -down)), slice(max(0, -across), 8 + min(0, -across))
    out[..., rows, columns] = x[..., from_rows, from_columns]
    return out


def dense_initial(rng, widths=(64, 64, 32, 10)):
    parameters = {}
    for k in (1, 2, 3):
        n, m = widths[k - 1], widths[k]
        parameters |= {f"W{k}": rng.standard_normal((m, n)) * math.sqrt(2 / n), f"b{k}": np.zeros(m)}
    parameters["W3"] /= 10
    return parameters


def dense_logits(p, x):
    h = nn.relu(nn.linear(nn.flatten(x), p["W1"], p["b1"]))
    return nn.linear(nn.relu(nn.linear(h, p["W2"], p["b2"])), p["W3"], p["b3"])


def dense_loss(p, x, labels):
    return nn.softmax_cross_entropy(dense_logits(p, x), labels)


dense = train(dense_loss, dense_initial(np.random.default_rng(0)), epochs=20, rate=0.1, rng=np.random.default_rng(2))[
    -1
]
moved_right = move(test_x, 0, 1)
truth = count_right(dense_logits, dense, moved_right), count_right(logits, trained, moved_right)
check_number("Right without convolutions", right_without, truth[0], "To it, a pixel further is another input.", 60)
check_number(
    "Right with them", right_with, truth[1], "The filters find the strokes again; the last layer is not so sure.", 60
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# right_without = 180
# right_with = 240
# ```
#
# </details>

# %%
lines = ["right, of 360            fully connected   convolutional"]
for name, (down, across) in {
    "where they stood": (0, 0), "one pixel to the right": (0, 1), "to the left": (0, -1), "down": (1, 0), "up": (-1, 0)
}.items():  # fmt: skip
    x = move(test_x, down, across)
    lines.append(f"{name:24} {count_right(dense_logits, dense, x):15} {count_right(logits, trained, x):15}")
lines.append(f"{'parameters':24} {sum(p.size for p in dense.values()):15,} {sum(p.size for p in trained.values()):15,}")
fold("Digits that have moved, once you have answered", lines)

# %% [markdown]
# With a third of the parameters the convolutional network is as good on the digits where they stand, and better on all
# that have moved. It is not immune: its last layer is fully connected and knows places, and pooling forgives shifts
# only in part. (Whoever wants immunity shows it moved digits in training too.)

# %% [markdown]
# ## Summary
#
# | question | answer |
# |:---|:---|
# | one number of the map | $\beta + \sum_{c,a,b} x[c, p + a, q + b]\, w[c, a, b]$, a dot product |
# | convolution or cross-correlation? | the same with the kernel turned by half a turn |
# | a filter on $C$ channels | $C \times F \times F$ weights and a bias, one map |
# | $K$ filters | $K$ maps, $K(CF^2 + 1)$ parameters |
# | size along an axis | $\lfloor (N - F + 2P)/S \rfloor + 1$; with dilation $D$, $D(F - 1) + 1$ for $F$ |
# | a stride that does not fit | leaves out the last $(N - F + 2P) \bmod S$ rows of the padded image |
# | a pixel feeds | the windows it lies in, $F^2$ in each map |
# | a weight is used | in every window, and its gradient is the sum over them |
# | as a matrix | Toeplitz blocks: few nonzeros, and few different numbers |
#
# | in code | |
# |:---|:---|
# | the layer, with gradients | `nn.conv2d(x, w, b, stride, padding, dilation)` |
# | signals and images | `sg.convolution.correlate(x, w)`, `sg.convolution.convolve(x, w)` |
# | its size | `sg.convolution.output_size(n, f, stride, padding, dilation)` |
# | to play with | `ConvSlider(image, filters)` |
#
# **Next:** [Lecture 12](12_fourier.ipynb) computes the same maps by Fourier transforms. **Back to**
# [Lecture 10](10_flip_and_slide.ipynb), convolution in mathematics, to [Lecture 08](08_training.ipynb), training, and
# to [Lecture 07](07_jacobians.ipynb), whose section 6 has the Jacobian of a convolution.
#
# **Further reading.** Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document
# recognition*, Proceedings of the IEEE 86 (1998), the network this one descends from. V. Dumoulin, F. Visin, *A guide
# to convolution arithmetic for deep learning* (2016), on sizes. V. Powell, *Image kernels explained visually*. F.-F.
# Li, A. Karpathy, J. Johnson, *CS231n: Convolutional neural networks for visual recognition*, Stanford (2016).
