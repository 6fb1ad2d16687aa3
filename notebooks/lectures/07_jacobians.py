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
# # Lecture 07 · Jacobians of ReLU and fully connected layers
#
# *About 45 minutes · you need section 1 of [Lecture 03](03_forward_mode.ipynb), section 7 of
# [Lecture 04](04_reverse_mode.ipynb), and products of matrices*
#
# **Open in** JupyterLab: `make lab` in a clone of stepgrad, or `stepgrad lab` where it is installed.
#
# A layer of a network takes an array and returns an array, so its derivative is a matrix. That matrix can have
# more entries than any machine has bytes. Nearly all of them are 0, and the others are a few numbers again and
# again. This lecture looks at the matrices themselves, and at why nobody ever writes them down.
#
# Afterwards you can
#
# 1. say how large the Jacobian of a layer on a minibatch is, and what its rows and columns mean;
# 2. say for ReLU, for a fully connected layer, for softmax, convolution and max-pooling where the nonzeros stand,
#    and which numbers determine all of them;
# 3. multiply by such a Jacobian and by its transpose without having it;
# 4. count what a chain of layers costs in either order of multiplying;
# 5. get a sparse Jacobian from a handful of forward sweeps, though the function tells you nothing but values.
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
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

import stepgrad as sg
from stepgrad import nn
from stepgrad.autodiff.coloring import column_groups, compressed_jacobian
from stepgrad.homework import attempt, check_array, check_number, fold
from stepgrad.widgets import JacobianInspector

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False})

# %% [markdown]
# ## 1. A matrix that fits nowhere
#
# Let a layer map a vector $x$ of $n$ numbers to a vector $h$ of $m$ numbers. Its **Jacobian** is the $m \times n$
# matrix
#
# $$J = \frac{\partial h}{\partial x}, \qquad J_{ij} = \frac{\partial h_i}{\partial x_j} .$$
#
# Row $i$ is the gradient of one output. Column $j$ says how all outputs move when input $j$ does.
#
# In training, a layer sees a **minibatch**: $N$ samples at once, an $N \times n$ array. To make a Jacobian of that,
# number the entries row by row, as NumPy does in `ravel()`: first all of sample 0, then all of sample 1, and so on.
# Entry $k$ of sample $s$ becomes number $n s + k$ (all counted from 0). Then there is one Jacobian for the whole
# batch, with $Nm$ rows and $Nn$ columns.
#
# **Predict.** The layer is ReLU, $h_i = \max(0, x_i)$, for 4096 units and a minibatch of 100 samples (sizes that
# Stanford's course CS231n made well known). How many rows has the Jacobian, how many entries, and how many bytes
# would they take in float32, at 4 bytes each?

# %%
rows = ...  # of the Jacobian
entries = ...  # in all of it
bytes_dense = ...  # in float32

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the size of ReLU's Jacobian
check_number("The rows", rows, 409_600, "There is a row for every entry of the output, and the output is 100 × 4096.")
check_number("The entries", entries, 409_600**2, "There are as many columns as rows; multiply.")
check_number("The bytes", bytes_dense, 4 * 409_600**2, "Every entry takes 4 bytes.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# rows = 100 * 4096
# entries = rows * rows
# bytes_dense = 4 * entries
# ```
#
# 671 gigabytes; in float64 it would be 1.34 terabytes. (Even for a single sample the matrix is 4096 × 4096, which is
# 16,777,216 entries.)
#
# </details>

# %% [markdown]
# ## 2. What it looks like
#
# **Predict.** Here is that matrix. Before the widget shows it, it asks you for its size (which you know by now), for
# its look (on 8 × 8: click the cells that can be nonzero), and for what has to be kept of it. Then go for a walk in
# it: the wheel or
# <kbd>+</kbd> and
# <kbd>−</kbd> zoom, dragging or the arrow keys move.

# %%
first = JacobianInspector("relu", size=4096, batch=100, predict=True)
first

# %% [markdown]
# Output $i$ of ReLU reads input $i$ and no other. So all entries off the diagonal are 0, and on the diagonal stands
# the derivative of $\max(0, x)$: 1 where the input is positive, 0 where it is negative. At $x = 0$ there is no
# derivative, and one has to choose. stepgrad chooses 0, as PyTorch and JAX do.
#
# **Predict.** Write the Jacobian of ReLU at $x = (1.5,\ -2,\ 0,\ 3)$.

# %%
relu_jacobian = ...  # four rows: [[…], […], […], […]]


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the Jacobian of ReLU at four numbers
def why_relu(place):
    row, column = place
    if row != column:
        return f"Output {row} does not read input {column}."
    x = (1.5, -2, 0, 3)[row]
    return "At 0 the derivative is 0 by convention." if x == 0 else f"What is the slope of max(0, x) at x = {x}?"


check_array("The Jacobian of ReLU", relu_jacobian, np.diag([1.0, 0, 0, 1]), why_relu)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# relu_jacobian = [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]]
# ```
#
# </details>

# %% [markdown]
# The diagonal is a row of **gates**, open or closed, written $\mathbf{1}[x > 0]$. On a minibatch nothing else
# happens: sample 1 does not feed sample 0, so the blocks between samples are 0, and the whole is diagonal again.
#
# To see that, here is a function that draws small matrices. It shows a number where the layer allows one, with 0
# where it happens to be 0 (a closed gate), and nothing where there can never be one. The lines part the samples.


# %%
def draw(ax, J, title, parts=(0, 0)):
    """Draw a small Jacobian, with lines after every so many rows and columns."""
    cells = J.to_sparse().tocoo()
    shade = np.abs(J.to_dense()).astype(float)
    ax.imshow(shade, cmap="Greys", vmin=0, vmax=1.35 * max(shade.max(), 1e-9), aspect="equal")
    small = 0.78 * shade.max()
    for i, j, value in zip(cells.row, cells.col, cells.data, strict=True):
        number = f"{value:.2g}".replace("-", "−").replace("0.", ".")
        colour = "white" if abs(value) > small else "#1c2430" if value else "#5b6675"
        ax.text(j, i, number, ha="center", va="center", fontsize=7, color=colour)
    ax.set_xticks(np.arange(-0.5, J.shape[1]), minor=True)
    ax.set_yticks(np.arange(-0.5, J.shape[0]), minor=True)
    ax.grid(which="minor", color="#e3e7ec", linewidth=0.6)
    ax.tick_params(which="both", length=0, labelbottom=False, labelleft=False)
    for side, draw_line, count in ((parts[0], ax.axhline, J.shape[0]), (parts[1], ax.axvline, J.shape[1])):
        for k in range(side, count, side) if side else ():
            draw_line(k - 0.5, color="#1c2430", linewidth=0.9)
    ax.spines[:].set(visible=True, color="#b3bcc8")
    ax.set_title(title, fontsize=9)


one_sample = np.array([1.5, -2.0, 0.0, 3.0])
three_samples = np.array([one_sample, [-1.0, 0.5, 2.0, -0.3], [0.7, 1.1, -0.2, -4.0]])

fig, axes = plt.subplots(1, 2, figsize=(6.4, 3.2), layout="constrained", width_ratios=(1, 2))
draw(axes[0], sg.structured_jacobian(nn.relu, one_sample), "ReLU, one sample")
draw(axes[1], sg.structured_jacobian(nn.relu, three_samples), "ReLU, three samples", (4, 4))
plt.show()

# %% [markdown]
# Now the large one. `sg.structured_jacobian` takes a function and its argument, records the function once, and asks
# each operation for the *form* of its Jacobian: where numbers may stand, and which ones.

# %%
rng = np.random.default_rng(0)
x = rng.standard_normal((100, 4096), dtype=np.float32)
J = sg.structured_jacobian(nn.relu, x)

print("shape     ", " × ".join(f"{n:,}" for n in J.shape))
print("structure ", J.structure)
print(f"not zero   {J.nnz:,} entries, a share of {J.density:.1e}")
print(f"kept       {J.nbytes:,} bytes")
print(f"dense      {J.dense_nbytes:,} bytes")

# %% [markdown]
# The widget can be opened on any function and point, and at any cell. Here is $J$ at sample 3, unit 17, which is row
# and column $4096 \cdot 3 + 17 = 12{,}305$:

# %%
second = JacobianInspector(nn.relu, x, selected=[12_305, 12_305], view=[12_298, 12_298, 24])
display(second)
print(second.text())

# %% [markdown]
# What is kept is the diagonal: a truth value for each of the 409,600 inputs. From those any part of the matrix can
# be told exactly. Here are the entries around that gate:

# %%
k = 4096 * 3 + 17
print("input     ", x[3, 17])
print("J[k, k]   ", J[k, k])
print("J[k, k+1] ", J[k, k + 1])
row = J.row(k)
print("row k     ", row.size, "entries, nonzero at", np.flatnonzero(row))
column = J.column(k)
print("column k  ", column.size, "entries, nonzero at", np.flatnonzero(column))

# %% [markdown]
# And it can be multiplied. $Jv$ lets a tangent through where the gate is open; $J^{\mathsf T}u$ does the same with an
# adjoint. These are the two things that forward and reverse mode need, and *all* they need:

# %%
v = rng.standard_normal(J.shape[1], dtype=np.float32)
u = rng.standard_normal(J.shape[0], dtype=np.float32)

one_forward_sweep = sg.jvp(nn.relu, (x,), (v.reshape(x.shape),))[1]
_, pullback = sg.vjp(nn.relu, x)
(one_reverse_sweep,) = pullback(u.reshape(x.shape))

print("J @ v   is v where x > 0, else 0:", np.array_equal(J @ v, np.where(x.ravel() > 0, v, 0)))
print("J @ v   is one forward sweep:    ", np.array_equal(J @ v, one_forward_sweep.ravel()))
print("J.T @ u is one reverse sweep:    ", np.array_equal(J.T @ u, one_reverse_sweep.ravel()))
print(f"multiplications: {J.shape[0]:,} with the gates, {J.shape[0] * J.shape[1]:,} with a dense matrix")

# %% [markdown]
# That is why the matrix is never formed. A dense one would not fit, and if it did, the product with it would take
# 409,600 times the work, all but a 409,600th part of it multiplying by 0. Ask for it, and you are told so:

# %%
try:
    J.to_dense()
except MemoryError as refusal:
    print(refusal)

# %% [markdown]
# ## 3. The three Jacobians of a fully connected layer
#
# A fully connected (FC) layer computes $h = Wx + b$ for each sample, with $W$ of shape $m \times n$. It has three
# arguments, so there are three Jacobians. On a batch, with samples in rows, the code is `h = x @ W.T + b`.
#
# **By its input.** $h_i = \sum_j W_{ij}x_j + b_i$, hence $\partial h_i/\partial x_j = W_{ij}$: the Jacobian of one
# sample *is* $W$. On a batch, each sample has its own copy of $W$ on the diagonal and zeros elsewhere. That is
# written with a Kronecker product, $I \otimes W$, and it takes no more memory than $W$.
#
# **By its bias.** Output $i$ moves with $b_i$ and no other: the identity $I$ for one sample. On a batch all samples
# share the bias, so the identities are stacked, a *copy*.
#
# **By its weights.** Number the weights row by row too, $W_{00}, W_{01}, \ldots$, so that there are $mn$ columns.
#
# **Predict.** One sample $x = (5, 7, 11)$ and $W$ of shape $2 \times 3$, so $h$ has two entries and there are six
# weights. Write the Jacobian $\partial h/\partial W$: two rows, six columns. (Which weights does $h_0$ read?)

# %%
by_weights = ...  # two rows of six


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the Jacobian by the weights
def why_weights(place):
    row, column = place
    i, j = divmod(column, 3)
    if i != row:
        return f"Column {column} is the weight W{i}{j}, and h{row} does not read it."
    return f"Column {column} is the weight W{i}{j}: what is it multiplied by in h{row}?"


check_array("∂h/∂W", by_weights, np.kron(np.eye(2), [5.0, 7.0, 11.0]), why_weights)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# by_weights = [[5, 7, 11, 0, 0, 0], [0, 0, 0, 5, 7, 11]]
# ```
#
# </details>

# %% [markdown]
# So $\partial h_i / \partial W_{jk}$ is $x_k$ if $i = j$ and otherwise 0. Each row has $n$ nonzeros, the input $x$,
# out of $mn$ entries: $I \otimes x^{\mathsf T}$. The three of them for two samples, with $m = 2$ and $n = 3$:

# %%
samples = np.array([[5.0, 7.0, 11.0], [2.0, 4.0, 8.0]])
W = np.array([[0.1, -0.2, 0.3], [0.4, 0.5, -0.6]])
b = np.array([0.5, -0.5])

by_x = sg.structured_jacobian(lambda x: nn.linear(x, W, b), samples)
by_weight = sg.structured_jacobian(lambda W: nn.linear(samples, W, b), W)
by_b = sg.structured_jacobian(lambda b: nn.linear(samples, W, b), b)

fig, axes = plt.subplots(1, 3, figsize=(6.8, 2.4), layout="constrained", width_ratios=(6, 6, 2.2))
draw(axes[0], by_x, r"$\partial h/\partial x$ = $I \otimes W$", (2, 3))
draw(axes[1], by_weight, r"$\partial h/\partial W$", (2, 0))
draw(axes[2], by_b, r"$\partial h/\partial b$", (2, 0))
plt.show()

# %% [markdown]
# At the size of section 1, for one sample and then for a hundred:


# %%
def describe(name, J):
    shape = " × ".join(f"{n:,}" for n in J.shape)
    print(f"{name:26} {shape:>21}  {J.structure:14} {J.dense_nbytes:20,} {J.nbytes:12,}")


W_large = rng.standard_normal((4096, 4096), dtype=np.float32) / 64
b_large = np.zeros(4096, dtype=np.float32)

print("                                           shape  structure              bytes, dense  bytes, kept")
for many in (1, 100):
    part = x[:many]
    said = f", {many} sample{'s' * (many > 1)}"
    describe(f"FC by x{said}", sg.structured_jacobian(lambda x: nn.linear(x, W_large, b_large), part))
    describe(f"FC by W{said}", sg.structured_jacobian(lambda W, x=part: nn.linear(x, W, b_large), W_large))
    describe(f"FC by b{said}", sg.structured_jacobian(lambda b, x=part: nn.linear(x, W_large, b), b_large))

# %% [markdown]
# What is kept is never more than what the layer had anyway: $W$ for the Jacobian by $x$, and $x$ for the one by $W$.
# Neither is copied. The last column counts the arrays as they lie there. Reverse mode has to hold on to the input of
# each FC layer for the same reason: it *is* the Jacobian by the weights.
#
# ### The transposes
#
# Let $\bar h$ be the adjoint of $h$: $\partial L/\partial h$ for some loss $L$, an array of the shape of $h$. Then
# $\bar x$, $\overline W$ and $\bar b$ are $J^{\mathsf T}\bar h$ with the three Jacobians. Written as matrices again
# (samples in rows), each of them is one short expression in NumPy.
#
# **Predict.** Write the three. For $\overline W$: each sample contributes $\bar h_i x_j$ to $\overline W_{ij}$, and
# the samples add up.


# %%
def fc_pullback(x, W, h_bar):
    """The adjoints of x, W and b of h = x Wᵀ + b; x is (N, n), W is (m, n), h_bar is (N, m)."""
    x_bar = ...
    W_bar = ...
    b_bar = ...
    return x_bar, W_bar, b_bar


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the pullbacks of an FC layer
def check_pullbacks():
    rng = np.random.default_rng(1)
    x, W, b, h_bar = (rng.standard_normal(shape) for shape in ((4, 3), (2, 3), 2, (4, 2)))
    found = attempt("fc_pullback", lambda: fc_pullback(x, W, h_bar))
    if found is None:
        return
    if not isinstance(found, tuple) or len(found) != 3:
        print("fc_pullback: not right yet. It should return the three adjoints x_bar, W_bar, b_bar.")
        return
    layer = {
        "x_bar": (lambda x: nn.linear(x, W, b), x, "Each entry of x feeds all entries of h in its sample."),
        "W_bar": (lambda W: nn.linear(x, W, b), W, "The samples add up, and their number divides nothing here."),
        "b_bar": (lambda b: nn.linear(x, W, b), b, "All samples share b, so their adjoints are added."),
    }
    for (name, (f, at, hint)), answer in zip(layer.items(), found, strict=True):
        truth = (sg.structured_jacobian(f, at).T @ h_bar.ravel()).reshape(at.shape)
        check_array(name, answer, truth, lambda _, hint=hint: hint)


check_pullbacks()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def fc_pullback(x, W, h_bar):
#     """The adjoints of x, W and b of h = x Wᵀ + b; x is (N, n), W is (m, n), h_bar is (N, m)."""
#     x_bar = h_bar @ W
#     W_bar = h_bar.T @ x
#     b_bar = h_bar.sum(axis=0)
#     return x_bar, W_bar, b_bar
# ```
#
# </details>

# %% [markdown]
# Shapes help to remember them: $\overline W$ has the shape of $W$, and there is only one way to make an $m \times n$
# array of $\bar h$ ($N \times m$) and $x$ ($N \times n$). The check compared with `J.T @ h_bar`, the product with the
# matrix in all its zeros.

# %% [markdown]
# ## 4. A chain of layers is a product, in an order of your choice
#
# Two FC layers with ReLU between them, $h = W_2\,\mathrm{relu}(W_1 x + b_1) + b_2$. By the chain rule its Jacobian is
#
# $$J = W_2 \; \mathrm{diag}\big(\mathbf 1[z > 0]\big)\; W_1, \qquad z = W_1 x + b_1 .$$

# %%
W1, b1 = rng.standard_normal((6, 5)), np.zeros(6)
W2 = rng.standard_normal((3, 6))
point = rng.standard_normal(5)


def two_layers(x):
    return W2 @ nn.relu(W1 @ x + b1)


chain = sg.structured_jacobian(two_layers, point)
z = W1 @ point + b1
factors = {
    "$W_2$": sg.structured_jacobian(lambda h: W2 @ h, np.maximum(z, 0)),
    r"$\mathrm{diag}(\mathbf{1}[z>0])$": sg.structured_jacobian(nn.relu, z),
    "$W_1$": sg.structured_jacobian(lambda x: W1 @ x, point),
    "the product $J$": chain,
}
fig, axes = plt.subplots(1, 4, figsize=(7.2, 2.3), layout="constrained", width_ratios=(6, 6, 5, 5))
for ax, (title, factor) in zip(axes, factors.items(), strict=True):
    draw(ax, factor, title)
for unit in np.flatnonzero(z <= 0):  # struck out by a closed gate
    for fade, strike in ((axes[0].axvspan, axes[0].axvline), (axes[2].axhspan, axes[2].axhline)):
        fade(unit - 0.5, unit + 0.5, facecolor="white", alpha=0.7, zorder=4)
        strike(unit, color="#C24A00", linewidth=1.5, zorder=5)
plt.show()
print("structure:", chain.structure)

# %% [markdown]
# A closed gate strikes out a column of $W_2$ and a row of $W_1$. What remains is the product of the two
# matrices of a smaller, *linear* network, the one of the open units:

# %%
is_open = z > 0
print("open units:", np.flatnonzero(is_open))
print("J = W2[:, open] W1[open]:", np.allclose(chain.to_dense(), W2[:, is_open] @ W1[is_open]))

# %% [markdown]
# **Predict.** A deeper network has the widths 3072 → 500 → 500 → 10, so $J = W_3\, D_2\, W_2\, D_1\, W_1$ with
# $W_3$: 10 × 500, $W_2$: 500 × 500, $W_1$: 500 × 3072, and two diagonal matrices of gates. How many multiplications
# from the output end, $(((W_3D_2)W_2)D_1)W_1$? How many from the input end, $W_3(D_2(W_2(D_1W_1)))$? (To multiply by
# a diagonal matrix takes one multiplication for every entry of the other.)

# %%
from_the_output_end = ...  # reverse mode's order
from_the_input_end = ...  # forward mode's order

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the chain in either order
check_number(
    "From the output end",
    from_the_output_end,
    10 * 500 + 10 * 500 * 500 + 10 * 500 + 10 * 500 * 3072,
    "What is carried along always has 10 rows. W3 D2 takes 10·500, that times W2 takes 10·500·500, and so on.",
)
check_number(
    "From the input end",
    from_the_input_end,
    500 * 3072 + 500 * 500 * 3072 + 500 * 3072 + 10 * 500 * 3072,
    "What is carried along always has 3072 columns. D1 W1 takes 500·3072, W2 times that 500·500·3072, and so on.",
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# from_the_output_end = 10 * 500 + 10 * 500 * 500 + 10 * 500 + 10 * 500 * 3072
# from_the_input_end = 500 * 3072 + 500 * 500 * 3072 + 500 * 3072 + 10 * 500 * 3072
# ```
#
# 17,870,000 and 786,432,000: a factor of 44.
#
# </details>

# %% [markdown]
# stepgrad keeps such a chain as a product and multiplies it out only when entries are asked for, in the cheaper
# order. `J.plan` says how it decides:

# %%
widths = (3072, 500, 500, 10)
weights = [rng.standard_normal((m, n)) * math.sqrt(2 / n) for n, m in pairwise(widths)]


def deep(x):
    return weights[2] @ nn.relu(weights[1] @ nn.relu(weights[0] @ x))


J = sg.structured_jacobian(deep, rng.standard_normal(3072))
fold("The plan, once you have counted", J.plan.replace("; ", ";\n"))

# %% [markdown]
# In training there is a loss at the end, and 10 rows become a single one. Then the product from the output end is a
# row vector times one matrix after the other: *that is backpropagation*. Each step is a pullback of section 3, and
# no two of the large matrices are ever multiplied with each other.

# %% [markdown]
# ## 5. Softmax: no zeros, and still only one vector
#
# Softmax turns $n$ numbers into probabilities, $s_i = e^{x_i} / \sum_k e^{x_k}$. All outputs read all inputs, so
# nothing in its Jacobian has to be 0. Differentiating gives
#
# $$\frac{\partial s_i}{\partial x_j} = s_i\,(\delta_{ij} - s_j), \qquad J = \mathrm{diag}(s) - s\,s^{\mathsf T},$$
#
# with $\delta_{ij}$ = 1 if $i = j$, and otherwise 0.
#
# **Predict.** For $s = (0.7,\ 0.2,\ 0.1)$: what is the entry at row 0, column 0, and the one at row 0, column 1?

# %%
softmax_00 = ...
softmax_01 = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: two entries of softmax's Jacobian
check_number("Row 0, column 0", softmax_00, 0.21, "It is s₀(1 − s₀).", within=0.0005)
check_number("Row 0, column 1", softmax_01, -0.14, "It is −s₀s₁: what one class gains, the others lose.", within=0.0005)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# softmax_00 = 0.7 * (1 - 0.7)
# softmax_01 = -0.7 * 0.2
# ```
#
# </details>

# %%
J = sg.structured_jacobian(nn.softmax, np.log([0.7, 0.2, 0.1]))
fold("The whole matrix, once you have answered", [str(J.to_dense().round(3)), "", f"structure: {J.structure}"])
large = sg.structured_jacobian(nn.softmax, rng.standard_normal(1000))
print(f"For 1,000 classes: {large.nnz:,} nonzeros, {large.dense_nbytes:,} bytes dense, {large.nbytes:,} bytes kept.")

# %% [markdown]
# A matrix can be full and yet know little: this one is a diagonal less a product of two vectors, both of them $s$.
# Each of its rows adds up to 0, for a number that is added to all $x_i$ changes no probability.

# %% [markdown]
# ## 6. A first look at convolution and pooling
#
# A *convolution* slides a small kernel along a signal and takes, at each place, the sum of the products. Each output
# reads the few inputs under the kernel, and all outputs use the same numbers. So a row has as many nonzeros as the
# kernel has entries, and the next row is the same one moved by one place: a **Toeplitz** matrix. *Max-pooling* takes
# the largest of each window, so each row has a single 1, in the column of the winner: a **selection**.

# %%
signal = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.0, 6.0, 5.0]).reshape(1, 1, 1, 8)  # one sample, one channel, one row
kernel = np.array([0.25, 0.5, -1.0]).reshape(1, 1, 1, 3)

sliding = sg.structured_jacobian(lambda x: nn.conv2d(x, kernel), signal)
pooling = sg.structured_jacobian(lambda x: nn.max_pool2d(x, (1, 2)), signal)

fig, axes = plt.subplots(1, 2, figsize=(6.4, 2.6), layout="constrained")
draw(axes[0], sliding, f"convolution, kernel (0.25, 0.5, −1): {sliding.structure}")
draw(axes[1], pooling, f"max-pooling in pairs: {pooling.structure}")
for ax in axes:
    ax.set_xticks(range(8), [f"{value:g}" for value in signal.ravel()])
    ax.tick_params(labelbottom=True, labelsize=7)
plt.show()

# %% [markdown]
# **Predict.** A colour image of 32 × 32 × 3 and six kernels of 5 × 5 × 3 give 6 × 28 × 28 outputs. (The numbers are
# CS231n's again.) How many nonzeros has a row of this Jacobian at most? And how many different numbers are in all of
# it?

# %%
nonzeros_in_a_row = ...
different_numbers = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the Jacobian of a convolution
check_number("The nonzeros in a row", nonzeros_in_a_row, 75, "One output reads what is under one kernel: 5 × 5 × 3.")
check_number(
    "The different numbers",
    different_numbers,
    450,
    "Only the entries of the kernels occur, and there are six kernels. (0 is not counted.)",
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# nonzeros_in_a_row = 5 * 5 * 3
# different_numbers = 6 * 5 * 5 * 3
# ```
#
# </details>

# %%
image = rng.standard_normal((1, 3, 32, 32))
kernels = rng.standard_normal((6, 3, 5, 5))


def conv(x):
    return nn.conv2d(x, kernels)


lines = ["                      shape          entries   nonzero  numbers kept  structure"]
layers = {
    "convolution": (conv, image),
    "max-pooling": (lambda x: nn.max_pool2d(x, 2), rng.standard_normal((1, 6, 28, 28))),
    "all three": (lambda x: nn.max_pool2d(nn.relu(conv(x)), 2), image),
}
for name, (layer, at) in layers.items():
    J = sg.structured_jacobian(layer, at)
    shape = f"{J.shape[0]:,} × {J.shape[1]:,}"
    kept = "450" if name == "convolution" else ""
    lines.append(f"{name:12} {shape:>14} {J.shape[0] * J.shape[1]:16,} {J.nnz:9,} {kept:>13}  {J.structure}")
fold("Convolution, pooling, and convolution → ReLU → pooling, once you have answered", lines)

# %% [markdown]
# With two dimensions and channels the bands come in blocks, hence *BlockToeplitz*. The chain of the three layers is a
# product again, with its structure read from right to left: convolution first, then the gates, then the selection.

# %% [markdown]
# ## 7. A few probes instead of 3,072
#
# So far stepgrad looked into the function. Suppose you cannot: someone gives you a program that returns $Jv$ for any
# $v$ you like (one forward sweep), and tells you only *where* $J$ may be nonzero. A unit vector $v$ yields one
# column, so the image above takes 3,072 sweeps.
#
# It takes fewer. Two columns that have no nonzero row in common can be asked for in the same sweep: with a 1 for both
# in $v$, what arrives in a row belongs to one of the two, and the pattern says to which. So give columns that meet
# in some row different *colours*, and probe each colour once. (Curtis, Powell and Reid had this idea in 1974.)
#
# **Predict.** A signal of 1,000 numbers and a kernel of three: $J$ has the columns 0 … 999, and row $i$ has its
# nonzeros in the columns $i$, $i+1$, $i+2$. How many probes suffice? And how many for the image, if the kernels' 5 ×
# 5 × 3 is handled in the same way?

# %%
probes_signal = ...
probes_image = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: how many probes
check_number(
    "The probes for the signal",
    probes_signal,
    3,
    "Columns that are 3 or more apart never meet in a row: how many colours does 0 1 2 0 1 2 … use?",
)
check_number(
    "The probes for the image",
    probes_image,
    75,
    "Pixels that are 5 or more apart, down or across, never meet. Within 5 × 5 and the 3 channels all of them do.",
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# probes_signal = 3
# probes_image = 5 * 5 * 3
# ```
#
# It can't be done with fewer: the nonzeros of a single row all need different colours.
#
# </details>

# %% [markdown]
# By hand, for the signal of section 6 with its eight columns. Columns 0, 3, 6 get the colour *a*, columns 1, 4, 7
# the colour *b*, columns 2 and 5 the colour *c*:


# %%
def black_box(v):
    """J v for the convolution of the signal, by one forward sweep."""
    return sg.jvp(lambda x: nn.conv2d(x, kernel), (signal,), (v.reshape(signal.shape),))[1].ravel()


pattern = np.array([[j in (i, i + 1, i + 2) for j in range(8)] for i in range(6)])  # all that is known of J
colours = np.arange(8) % 3

answers = np.stack([black_box((colours == colour).astype(float)) for colour in range(3)], axis=1)
recovered = np.zeros(pattern.shape)
for i, j in np.argwhere(pattern):
    recovered[i, j] = answers[i, colours[j]]

fig, axes = plt.subplots(1, 2, figsize=(6.0, 2.5), layout="constrained", width_ratios=(8, 3))
tints = np.array(["#cfe3f2", "#f6d8c6", "#dfe3e8"])
for ax, matrix, of_column in ((axes[0], recovered, colours), (axes[1], answers, np.arange(3))):
    ax.set(xlim=(-0.5, matrix.shape[1] - 0.5), ylim=(5.5, -0.5), aspect="equal", yticks=[])
    for i, j in np.argwhere(pattern if matrix is recovered else np.ones_like(matrix)):
        ax.add_patch(plt.Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor=tints[of_column[j]], edgecolor="white"))
        entry = f"{matrix[i, j]:g}".replace("-", "−").replace("0.", ".")
        ax.text(j, i, entry, ha="center", va="center", fontsize=8, color="#1c2430")
    ax.set_xticks(range(matrix.shape[1]), ["abc"[k] for k in of_column])
    ax.tick_params(length=0)
    ax.spines[:].set(visible=True, color="#b3bcc8")
axes[0].set_title("$J$, put together from them", fontsize=9)
axes[1].set_title("three probes", fontsize=9)
plt.show()
print("the same as the structured Jacobian:", np.array_equal(recovered, sliding.to_dense()))

# %% [markdown]
# Now the image. Its colours can be told from the geometry: pixel $(c, r, k)$, channel, row and column, gets one of 75
# by $c$ and the remainders of $r$ and $k$ divided by 5. `column_groups` tells them from the pattern alone, whatever
# pattern it is: it goes through the columns and gives each the first colour that none of those it meets has.
# `compressed_jacobian` then makes one forward sweep for each colour, and 75 sweeps hold all 352,800 nonzeros:

# %%
exact = sg.structured_jacobian(conv, image).to_sparse()  # what it stores is where J may be nonzero
colours = column_groups(exact)
recovered = compressed_jacobian(conv, image, exact)  # of these entries it reads the places, not the values

channel, down, across = np.indices((3, 32, 32))
by_geometry = (25 * channel + 5 * (down % 5) + across % 5).ravel()

lines = [
    f"sweeps:                      {colours.max() + 1}, instead of {image.size:,}",
    f"colours of the geometry:     {np.array_equal(colours, by_geometry)}",
    f"nonzeros read off:           {recovered.nnz:,}",
    f"the same as the structured:  {(recovered != exact).nnz == 0}",
]
fold("The image, once you have answered", lines)

# %% [markdown]
# This way of colouring need not find the fewest colours; to find these is NP-hard in general (see Gebremedhin, Manne
# and Pothen 2005). For a program that stepgrad cannot trace, `method="central"` probes with central differences. And
# where the structure is known, as everywhere before this section, no probes are needed at all.

# %% [markdown]
# ## Summary
#
# | layer, on $N$ samples | Jacobian | nonzeros in a row | determined by |
# |:---|:---|:---|:---|
# | ReLU | $\mathrm{diag}(\mathbf 1[x > 0])$ | at most 1 | one gate for each input |
# | FC by its input | $I \otimes W$ | $n$ | $W$ |
# | FC by its weights | $\partial h_{si}/\partial W_{jk} = \delta_{ij}\,x_{sk}$ | $n$ of $mn$ | $x$ |
# | FC by its bias | identities, stacked | 1 | nothing |
# | softmax | $\mathrm{diag}(s) - s s^{\mathsf T}$, a block for each sample | all of its sample's | $s$ |
# | convolution | Toeplitz blocks | the kernel's entries | the kernels |
# | max-pooling | selection | 1 | who won |
# | a chain | the product, not multiplied out | | its factors |
#
# | question | in code |
# |:---|:---|
# | how large, which structure | `J.shape`, `J.structure`, `J.plan` |
# | how many numbers | `J.nnz`, `J.nbytes`, `J.dense_nbytes` |
# | single parts | `J[i, j]`, `J.row(i)`, `J.column(j)` |
# | products | `J @ v`, `J.T @ u` |
# | all of it, if it fits | `J.to_sparse()`, `J.to_dense()` |
# | from a few probes | `column_groups(pattern)`, `compressed_jacobian(f, x, pattern)` |
#
# **Next:** [Lecture 08](08_training.ipynb) puts these maps one after the other, and trains a network on handwritten
# digits with them. **Back to** [Lecture 04](04_reverse_mode.ipynb), reverse mode.
#
# **Further reading.** F.-F. Li, A. Karpathy, J. Johnson, *CS231n: Convolutional neural networks for visual
# recognition*, Stanford (2016), whose example ReLU on 100 × 4096 is. A. R. Curtis, M. J. D. Powell, J. K. Reid, *On
# the estimation of sparse Jacobian matrices*, IMA Journal of Applied Mathematics 13 (1974). A. H. Gebremedhin, F.
# Manne, A. Pothen, *What color is your Jacobian?*, SIAM Review 47 (2005). A. Griewank, A. Walther, *Evaluating
# Derivatives*, 2nd ed., SIAM (2008), chapters 7 and 8.
