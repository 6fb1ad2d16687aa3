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
# # Lecture 09 · From fully connected to convolution
#
# *About 35 minutes · you need [Lecture 07](07_jacobians.ipynb), sections 3 and 6*
#
# **Open in** JupyterLab: `make lab` in a clone of stepgrad, or `stepgrad lab` where it is installed.
#
# A fully connected layer can learn to do with an image whatever a linear map can do. It pays for that with more
# weights than anybody has pictures to learn them from. This lecture takes away nearly all of them in two steps, each
# justified by something that photographs have in common, and what remains is a convolution.
#
# Afterwards you can
#
# 1. count the weights of a fully connected, a locally connected and a convolutional layer, and say what each reads;
# 2. name the two properties of images that justify the two steps, and measure them on a photograph;
# 3. write a locally connected layer, and turn it into a convolution by sharing its weights;
# 4. recognise all three by their matrices: dense, banded in blocks, and Toeplitz in blocks;
# 5. tell apart what sharing saves (weights) and what it does not (multiplications).
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
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.cbook import get_sample_data

import stepgrad as sg
from stepgrad import nn
from stepgrad.homework import attempt, check_array, check_number, fold
from stepgrad.widgets import ConvSlider, JacobianInspector, ParameterCounter

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False})

# %% [markdown]
# ## 1. Every unit reads every pixel
#
# Take a gray image of 200 × 200 pixels, small by today's standards, and write its pixels in one long vector $x$. A
# **fully connected** layer computes $h = Wx$. Let it have as many hidden units as there are pixels, 40,000.
# (Biases would add one number for each unit. They are left out until section 3.)
#
# **Predict.** How many weights has $W$? And how many bytes do they take in float32, at 4 bytes each?

# %%
weights_full = ...
bytes_full = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: a fully connected layer on 200 × 200 pixels
check_number(
    "The weights",
    weights_full,
    1_600_000_000,
    "Each of the 40,000 units has a weight of its own for each of the 200 · 200 pixels.",
)
check_number("The bytes", bytes_full, 6_400_000_000, "Every weight takes 4 bytes.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# weights_full = (200 * 200) * 40_000
# bytes_full = 4 * weights_full
# ```
#
# 1.6 billion weights, which people like to quote as "about 2 billion": to one digit, 1.6 is 2. The 40,000 biases would
# change nothing in that. Training takes the 6.4 gigabytes at least twice, for each weight has a gradient as well.
#
# </details>

# %% [markdown]
# Here is that layer. Before the widget shows a number it asks you for it. Answer its first question only: the other two
# are for sections 2 and 3. Point at a hidden unit to see what it reads; the bars compare the weights with networks
# you may have heard of and, under *memory*, with your machine.

# %%
counter = ParameterCounter(image=(200, 200), hidden=40_000, field=(10, 10), filters=100, predict=True)
counter

# %% [markdown]
# A single layer is as large as all of GPT-2. Is that a problem, except for the memory? To fit so many unknowns takes
# data. ImageNet, long the largest collection that everybody trained on, has 1.2 million labelled pictures, so more than
# a thousand weights would have to be learned from each picture.
#
# And the layer throws something away. Shuffle the pixels, all images in the same way, and shuffle the columns of $W$
# along with them: the output is the same. So a fully connected network learns from scrambled pictures as
# well, or as badly, as from real ones. *It does not know which pixels are neighbours.*

# %%
rng = np.random.default_rng(0)
pixels = rng.standard_normal(400)
W = rng.standard_normal((50, 400))
order = rng.permutation(400)
print("the same output from shuffled pixels:", np.allclose(W[:, order] @ pixels[order], W @ pixels))

# %% [markdown]
# ## 2. Correlation is local
#
# People know. In a picture a pixel tells much about the pixels beside it, and little about those at the other end.
# To measure that, take a photograph (Rear Admiral Grace Hopper, from matplotlib's sample data) and correlate each pixel
# with the one $d$ columns to the right of it:

# %%
with get_sample_data("grace_hopper.jpg") as file:
    photograph = plt.imread(file).mean(axis=2)  # gray
shuffled = rng.permutation(photograph.ravel()).reshape(photograph.shape)


def correlation(image, d):
    """The correlation of pixels that are d columns apart."""
    return np.corrcoef(image[:, :-d].ravel(), image[:, d:].ravel())[0, 1]


distances = np.unique(np.geomspace(1, 400, 40).astype(int))
fig, axes = plt.subplots(1, 2, figsize=(7, 2.8), layout="constrained", width_ratios=(1, 2.2))
axes[0].imshow(photograph, cmap="gray")
axes[0].axis("off")
axes[1].semilogx(distances, [correlation(photograph, d) for d in distances], color="#0072B2", label="the photograph")
axes[1].semilogx(distances, [correlation(shuffled, d) for d in distances], "--", color="#C24A00", label="shuffled")
axes[1].set(xlabel="distance $d$ in pixels", ylabel="correlation", ylim=(-0.1, 1.02))
axes[1].axhline(0, color="#b3bcc8", linewidth=0.8)
axes[1].legend()
plt.show()
for d in (1, 10, 100):
    print(f"{d:3} apart: {correlation(photograph, d):5.2f}   shuffled: {abs(correlation(shuffled, d)):.2f}")

# %% [markdown]
# It halves within about two dozen pixels. (A single picture has accidents, like the bump near 250 pixels.) So
# let a hidden unit read a small **field** of pixels that belong together, and let it do without the rest. Whatever
# goes on over longer distances is for later layers, whose units read units that stand for whole fields.
# Such a layer is called **locally connected**. Each unit has its own place, and its own weights.
#
# **Predict.** The image is 200 × 200 again, there are 40,000 units, and each reads a field of 10 × 10 pixels. How many
# weights are that?

# %%
weights_local = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: a locally connected layer on 200 × 200 pixels
check_number(
    "The weights", weights_local, 4_000_000, "A unit has one weight for each pixel of its field. How many units?"
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# weights_local = 40_000 * 10 * 10
# ```
#
# 400 times fewer: a field has 100 of the 40,000 pixels. (Fields of 10 × 10 have 191 × 191 places in the image. To
# give all 40,000 units one needs a few zeros around the image, as padding.)
#
# </details>

# %% [markdown]
# Go back to the widget and answer its second question. Then watch how the lines draw together.
#
# **Predict.** Now write the layer. The image $x$ is $H \times W$. Unit $(p, q)$ reads the field whose upper left corner
# is pixel $(p, q)$, and has its own weights $w_{pq}$, so `w` has the shape $P \times Q \times h \times w$:
#
# $$y_{pq} = \sum_{a=0}^{h-1}\sum_{b=0}^{w-1} w_{pqab}\; x_{p+a,\,q+b} .$$
#
# Two loops, over $a$ and $b$, are enough: for a given $(a, b)$, what *all* units read is a window of the image, of
# size $P \times Q$. What is to be added for it?


# %%
def locally_connected(x, w):
    """The outputs (P, Q) of units that read fields of x (H, W), each with its own weights, w (P, Q, h, w)."""
    P, Q, height, width = w.shape
    y = 0
    for a in range(height):
        for b in range(width):
            window = x[a : a + P, b : b + Q]
            y = y + ...
    return y


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: your locally connected layer
def one_by_one(x, w):
    """The definition, unit by unit."""
    y = np.zeros(w.shape[:2])
    for p, q in np.ndindex(*y.shape):
        y[p, q] = np.sum(w[p, q] * x[p : p + w.shape[2], q : q + w.shape[3]])
    return y


def why_local(place):
    p, q = place
    return f"Unit ({p}, {q}) reads the rows {p} to {p + 1} and the columns {q} to {q + 2}."


def yours_or_blank(x, w):
    try:
        return locally_connected(x, w)
    except TypeError as error:
        if "ellipsis" in str(error):
            return ...
        raise


try_x, try_w = np.arange(30.0).reshape(5, 6), rng.integers(-3, 4, (4, 4, 2, 3)).astype(float)
found = attempt("Your layer", lambda: yours_or_blank(try_x, try_w))
if found is not None:
    check_array("Your layer, on 5 × 6 pixels with fields of 2 × 3", found, one_by_one(try_x, try_w), why_local)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def locally_connected(x, w):
#     """The outputs (P, Q) of units that read fields of x (H, W), each with its own weights, w (P, Q, h, w)."""
#     P, Q, height, width = w.shape
#     y = 0
#     for a in range(height):
#         for b in range(width):
#             window = x[a : a + P, b : b + Q]
#             y = y + w[:, :, a, b] * window
#     return y
# ```
#
# </details>

# %% [markdown]
# ## 3. Statistics are the same everywhere
#
# Four million weights are still many, and most of them are learned again and again. A unit that has found out what an
# edge looks like in the upper left corner is of no help to the unit in the lower right, though edges look the same
# there. That is what **stationarity** means: the statistics of a small patch do not depend on where it is. Compare
# the four quarters of the photograph:

# %%
quarters = {
    "upper left": photograph[:300, :256],
    "upper right": photograph[:300, 256:],
    "lower left": photograph[300:, :256],
    "lower right": photograph[300:, 256:],
}
print("              mean   correlation of neighbours")
for name, quarter in quarters.items():
    print(f"{name:12} {quarter.mean():5.0f} {correlation(quarter, 1):14.2f}")

# %% [markdown]
# How bright a quarter is depends on what is in it. How neighbours depend on each other hardly does. (Not everything in
# pictures is stationary. In portraits, eyes are rarely at the bottom; for aligned faces, locally connected layers
# were used for that reason, by Taigman et al. 2014.)
#
# So let all units have the **same** weights. Then there is one small array, the **filter** or kernel $k$, for the
# whole image, $w_{pqab} = k_{ab}$:
#
# $$y_{pq} = \sum_{a}\sum_{b} k_{ab}\; x_{p+a,\,q+b} .$$
#
# What comes out is a **convolutional layer**. (To be exact, this sum is called cross-correlation. What flipping the
# kernel has to do with it is the subject of Lecture 10.) One filter looks for one thing. To look for many things, take
# many filters; each makes an image of its own, a **map**.
#
# **Predict.** How many weights have 100 filters of 10 × 10? And how many parameters have six filters of 5 × 5 on
# a colour image, where each filter has weights for all 3 channels, and a bias?

# %%
weights_shared = ...
six_filters = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: two convolutional layers
check_number("100 filters", weights_shared, 10_000, "10 · 10 weights for each filter. The image plays no part in it.")
check_number("Six filters with biases", six_filters, 456, "A filter has 5 · 5 · 3 weights and one bias.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# weights_shared = 100 * 10 * 10
# six_filters = 6 * (5 * 5 * 3 + 1)
# ```
#
# Ten thousand weights instead of 1.6 billion, and as many for an image of 2000 × 2000. (With 100 filters there are 100
# units at each place, so this layer makes more numbers than the other two, not fewer.)
#
# </details>

# %% [markdown]
# Answer the widget's third question: from here on like colours are like weights. The same numbers from Python:

# %%
settings = {"image": (200, 200), "hidden": 40_000, "field": (10, 10), "filters": 100}
lines = [f"{kind:18} {nn.parameter_count(kind, **settings):14,}" for kind in nn.LAYER_KINDS]
lines += [
    "",
    f"six filters        {nn.parameter_count('convolutional', field=(5, 5), channels=3, filters=6, bias=True):14,}",
]
fold("The counts, once you have answered", lines)

# %% [markdown]
# Sharing has a consequence that is worth as much as the saving. If the image moves, the map moves along with it and
# does not change otherwise. One says that a convolution is **equivariant** under translations. A locally connected
# layer is not:

# %%
image = np.zeros((12, 12))
image[3:5, 3:6] = rng.standard_normal((2, 3))  # something small
moved = np.roll(image, (5, 4), axis=(0, 1))  # the same, 5 rows lower and 4 columns further right

kernel = rng.standard_normal((3, 3))
own_weights = rng.standard_normal((10, 10, 3, 3))


def convolutional(x):
    return nn.conv2d(x[None, None], kernel[None, None])[0, 0]


def own(x):
    """A locally connected layer."""
    return sum(own_weights[:, :, a, b] * x[a : a + 10, b : b + 10] for a in range(3) for b in range(3))


fig, axes = plt.subplots(2, 3, figsize=(5.6, 3.8), layout="constrained")
for row, x in zip(axes, (image, moved), strict=True):
    for ax, picture, title in zip(
        row, (x, own(x), convolutional(x)), ("image", "own weights", "shared weights"), strict=True
    ):
        ax.imshow(picture, cmap="RdBu", vmin=-3, vmax=3)
        ax.set(xticks=[], yticks=[])
        ax.set_title(title, fontsize=9)
plt.show()
for name, layer in (("shared weights", convolutional), ("own weights", own)):
    same = np.allclose(np.roll(layer(image), (5, 4), axis=(0, 1)), layer(moved))
    print(f"{name}: the map of the moved image is the moved map: {same}")

# %% [markdown]
# ## 4. The same story in matrices
#
# All three layers are linear, so each of them *is* a matrix: its Jacobian. On a small image it can be looked at: 6 × 6
# pixels in 36 columns, and 4 × 4 units, with fields of 3 × 3, in 16 rows.
#
# **Predict.** How many entries of the locally connected layer's matrix can differ from 0? How many different
# numbers are among them? And how many different numbers does the convolution have there?

# %%
nonzeros = ...
different_local = ...
different_shared = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the entries of two matrices
check_number("The nonzeros", nonzeros, 144, "Each of the 16 rows has one for every pixel of its unit's field.")
check_number("Different numbers, with weights of their own", different_local, 144, "No weight stands in two places.")
check_number(
    "Different numbers, with shared weights", different_shared, 9, "Every row has the numbers of the one kernel."
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# nonzeros = 16 * 9
# different_local = 144
# different_shared = 9
# ```
#
# </details>

# %%
small = rng.standard_normal((6, 6))
dense_weights = rng.standard_normal((16, 36))
small_weights = rng.standard_normal((4, 4, 3, 3))
three = {
    "fully connected": lambda x: (dense_weights @ x.reshape(36)).reshape(4, 4),
    "locally connected": lambda x: sum(
        small_weights[:, :, a, b] * x[a : a + 4, b : b + 4] for a in range(3) for b in range(3)
    ),
    "convolutional": lambda x: nn.conv2d(x.reshape(1, 1, 6, 6), kernel[None, None]),
}
matrices = {name: sg.structured_jacobian(layer, small) for name, layer in three.items()}

fig, axes = plt.subplots(3, 1, figsize=(5.4, 7.4), layout="constrained")
for ax, (name, J) in zip(axes, matrices.items(), strict=True):
    dense = J.to_dense()
    ax.imshow(np.where(dense == 0, np.nan, dense), cmap="RdBu", vmin=-2.5, vmax=2.5, aspect="equal")
    for side, line in ((range(4, 16, 4), ax.axhline), (range(6, 36, 6), ax.axvline)):
        for k in side:
            line(k - 0.5, color="#b3bcc8", linewidth=0.8)
    ax.spines[:].set(visible=True, color="#b3bcc8")
    ax.set(xticks=[], yticks=[])
    ax.set_title(name, fontsize=9)
plt.show()
lines = ["                   nonzero  different  structure"]
for name, J in matrices.items():
    values = J.to_dense()[J.to_dense() != 0].round(12)
    lines.append(f"{name:18} {J.nnz:7} {len(np.unique(values)):10}  {J.structure}")
fold("Nonzeros and different numbers, once you have answered", lines)

# %% [markdown]
# From top to bottom: every entry is a weight. Then only those are left that stand in a field, in bands (for the pixels
# of a row) within blocks (for the rows of the image). In the end all diagonals of all blocks are constant, and so
# are the diagonals of blocks: a **Toeplitz** matrix of Toeplitz blocks. A convolution is a fully connected layer most
# of whose weights are held at 0, and the others tied together.
#
# The inspector of Lecture 07 shows that matrix for a real size. Row after row, the same few numbers move to the right:

# %%
inspector = JacobianInspector("conv", size=12, selected=[13, 16])
display(inspector)
print(inspector.text().splitlines()[0])

# %% [markdown]
# ## 5. What sharing does not save
#
# A shared weight is kept once, but used at every place. So the work, the number of multiplications for an image, is
# counted by connections and not by weights.
#
# **Predict.** The first layer of LeNet-5 (1998) has six filters of 5 × 5 with a bias each, on a gray image of 32 × 32
# pixels, so each map has 28 × 28 units. How many parameters has it? And how many connections, if a bias counts as
# one connection of each unit? (The paper's authors give both numbers.)

# %%
lenet_parameters = ...
lenet_connections = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the first layer of LeNet-5
check_number("The parameters", lenet_parameters, 156, "Six filters, each of 5 · 5 weights and a bias.")
check_number(
    "The connections",
    lenet_connections,
    122_304,
    "There are 6 · 28 · 28 units. Each has 25 connections to pixels and one to its bias.",
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# lenet_parameters = 6 * (5 * 5 + 1)
# lenet_connections = 6 * 28 * 28 * (5 * 5 + 1)
# ```
#
# </details>

# %%
lenet = nn.layer_cost("convolutional", (32, 32), field=(5, 5), filters=6, bias=True)
lines = [
    f"parameters:       {lenet.parameters:9,}",
    f"maps:             {lenet.maps}",
    f"multiplications:  {lenet.multiplications:9,}, and {lenet.units:,} biases are added",
    f"connections:      {lenet.multiplications + lenet.units:9,}",
]
fold("LeNet-5's first layer, once you have answered", lines)

# %% [markdown]
# Each of the 156 parameters serves 784 units. On the image of section 1 the difference is larger still:

# %%
print(counter.text())

# %% [markdown]
# The 100 maps take 91 times the work of the locally connected layer, with a 400th of its weights. Parameters are what
# has to be learned and kept; multiplications are what has to be computed. Convolutions are cheap in the former, which
# is why so much care goes into making them fast (Lectures 11 and 12).
#
# **Predict.** Once more, with colours, a field that is not square, and biases. Then move the sliders. Which of the
# three counts depends on the size of the image? Which on the number of hidden units? Which on neither?

# %%
again = ParameterCounter(image=(96, 128), hidden=3000, field=(5, 7), filters=32, channels=3, bias=True, predict=True)
again

# %%
fold("The counts, once you have answered", again.text())

# %% [markdown]
# Finally, the layer at work. The matrix of section 4 stands beside the image that it is applied to: step through the
# windows, and see which row of the matrix each of them is. Then choose another mode, and slide.

# %%
slider = ConvSlider("numbers", ["sobel_x"], kernel=3, mode="matrix")
display(slider)
print("\n".join(slider.text().splitlines()[:5]))

# %% [markdown]
# ## Summary
#
# | layer | a unit reads | weights | on 200 × 200, 40,000 units, 10 × 10, 100 filters | its matrix |
# |:---|:---|:---|---:|:---|
# | fully connected | the whole image | $HWC \cdot m$ | $1.6 \cdot 10^9$ | dense |
# | locally connected | its field | $hwC \cdot m$ | $4 \cdot 10^6$ | banded, in blocks |
# | convolutional | its field, with its map's weights | $hwC \cdot F$ | $10^4$ | Toeplitz, in blocks |
#
# | step | what justifies it | what it brings besides |
# |:---|:---|:---|
# | each unit reads a field | correlation is local | neighbours are neighbours |
# | all places share weights | statistics are stationary | a moved image gives a moved map |
#
# | question | in code |
# |:---|:---|
# | how many parameters | `nn.parameter_count(kind, image, hidden=…, field=…, filters=…, channels=…, bias=…)` |
# | and units, memory, multiplications | `nn.layer_cost(kind, …)`, with `.units`, `.nbytes(dtype)`, `.multiplications` |
# | which matrix it is | `sg.structured_jacobian(layer, x)` |
#
# **Next:** [Lecture 10](10_flip_and_slide.ipynb) asks what mathematicians call a convolution, and why they turn the
# kernel round. **Back to** [Lecture 08](08_training.ipynb), backprop in networks of FC and ReLU layers.
#
# **Further reading.** Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document
# recognition*, Proceedings of the IEEE 86 (1998), section II. K. Fukushima, *Neocognitron*, Biological Cybernetics 36
# (1980), for local fields and shared weights before. D. L. Ruderman, *The statistics of natural images*, Network 5
# (1994). Y. Taigman, M. Yang, M. Ranzato, L. Wolf, *DeepFace*, CVPR (2014), for locally connected layers. O.
# Russakovsky et al., *ImageNet large scale visual recognition challenge*, IJCV 115 (2015).
