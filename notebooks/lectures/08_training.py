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
# # Lecture 08 · Backprop in networks of FC and ReLU layers
#
# *About 45 minutes · you need [Lecture 07](07_jacobians.ipynb), above all the pullbacks in its section 3*
#
# **Open in** JupyterLab: `make lab` in a clone of stepgrad, or `stepgrad lab` where it is installed.
#
# A network is a chain of layers, and its gradient a product of their Jacobians, multiplied from the loss backwards.
# In this lecture you write that product down for a network of three layers, train the network on real handwritten
# digits, and then look into the Jacobian of what came out.
#
# Afterwards you can
#
# 1. write backprop for FC and ReLU layers with softmax and cross-entropy, in four equations;
# 2. check a gradient, against numbers and against `sg.grad`;
# 3. train a network with a loop of your own in NumPy, and judge it on digits it has not seen;
# 4. read the Jacobian of a trained network: which pixels matter, which gates are open, how many paths there are;
# 5. say what a dead unit is, why it stays dead, and what prevents it.
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
from sklearn.datasets import load_digits

import stepgrad as sg
from stepgrad import nn
from stepgrad.homework import attempt, check_number, fold
from stepgrad.widgets import JacobianInspector

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False})

# %% [markdown]
# ## 1. Digits, and a network for them
#
# scikit-learn comes with 1,797 handwritten digits, pictures of 8 × 8 pixels in 17 shades (Alpaydin and Kaynak 1998,
# from the UCI repository). Each picture becomes a row of 64 numbers between 0 and 1. A fifth of them, drawn at
# random, is held out: these judge the network, and never train it.

# %%
pictures, labels = load_digits(return_X_y=True)
pictures = pictures / 16

order = np.random.default_rng(0).permutation(len(labels))
train_x, train_labels = pictures[order[:1437]], labels[order[:1437]]
test_x, test_labels = pictures[order[1437:]], labels[order[1437:]]


def show_digits(ax, digits, titles):
    """Draw digits side by side."""
    strip = np.zeros((8, 9 * len(digits) - 1))
    for i, digit in enumerate(digits):
        strip[:, 9 * i : 9 * i + 8] = digit.reshape(8, 8)
        ax.text(9 * i + 3.5, 9.3, titles[i], ha="center", fontsize=8)
    ax.imshow(strip, cmap="Greys", vmin=0, vmax=1)
    ax.axis("off")


fig, ax = plt.subplots(figsize=(6.8, 0.9), layout="constrained")
firsts = [np.flatnonzero(train_labels == label)[0] for label in range(10)]
show_digits(ax, train_x[firsts], [str(label) for label in range(10)])
plt.show()
print("to train with:", train_x.shape, "  held out:", test_x.shape)

# %% [markdown]
# The network has the widths 64 → 64 → 32 → 10. With a batch $X$ of $N$ digits in rows, it computes
#
# $$Z_1 = X W_1^{\mathsf T} + b_1,\quad H_1 = \mathrm{relu}(Z_1),\quad Z_2 = H_1 W_2^{\mathsf T} + b_2,\quad
# H_2 = \mathrm{relu}(Z_2),\quad Z_3 = H_2 W_3^{\mathsf T} + b_3 .$$
#
# $Z_3$ has ten numbers for each digit, the **logits**. Softmax makes probabilities $S$ of them, and the loss is the
# **cross-entropy**, the mean of $-\log$ of the probability that the right class $y$ got:
#
# $$L = -\frac{1}{N}\sum_s \log S_{s,\,y_s} .$$


# %%
def initial(rng, widths=(64, 64, 32, 10)):
    """Weights as He et al. (2015) draw them for ReLU, the last ones ten times smaller; biases 0."""
    parameters = {}
    for k in (1, 2, 3):
        n, m = widths[k - 1], widths[k]
        parameters[f"W{k}"] = rng.standard_normal((m, n)) * math.sqrt(2 / n)
        parameters[f"b{k}"] = np.zeros(m)
    parameters["W3"] /= 10
    return parameters


def logits(parameters, x):
    h1 = nn.relu(nn.linear(x, parameters["W1"], parameters["b1"]))
    h2 = nn.relu(nn.linear(h1, parameters["W2"], parameters["b2"]))
    return nn.linear(h2, parameters["W3"], parameters["b3"])


def loss(parameters, x, labels):
    return nn.softmax_cross_entropy(logits(parameters, x), labels)


# %% [markdown]
# **Predict.** How many numbers are there to train? And what is the loss of a network that knows nothing, and gives
# each of the ten classes the probability 1/10?

# %%
to_train = ...  # all weights and biases
loss_at_first = ...  # to within 0.005

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: parameters, and the loss of a guess
check_number(
    "The numbers to train",
    to_train,
    64 * 64 + 64 + 64 * 32 + 32 + 32 * 10 + 10,
    "A layer from n to m units has m·n weights and m biases.",
)
check_number("The loss of a guess", loss_at_first, math.log(10), "It is −log(1/10), with the natural logarithm.", 0.005)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# to_train = 64 * 64 + 64 + 64 * 32 + 32 + 32 * 10 + 10
# loss_at_first = math.log(10)
# ```
#
# </details>

# %%
start = initial(np.random.default_rng(0))
right = np.sum(logits(start, test_x).argmax(axis=1) == test_labels)
fold(
    "The network as it begins, once you have answered",
    [
        f"numbers to train:  {sum(p.size for p in start.values()):,}",
        f"loss:              {loss(start, train_x, train_labels):.2f}, and log 10 = {math.log(10):.2f}",
        f"held-out digits:   {right} of {len(test_labels)} right",
    ],
)

# %% [markdown]
# ## 2. Backprop as a product of maps
#
# The loss reaches $W_1$ through a chain: FC by its weights, ReLU, FC by its input, ReLU, FC by its input, then
# softmax and cross-entropy. So the gradient by $W_1$ is a product of transposed Jacobians, applied from the right to
# the adjoint of the logits,
#
# $$\overline W_1 = J_{W_1}^{\mathsf T}\; J_{\mathrm{relu}_1}^{\mathsf T}\; J_{H_1}^{\mathsf T}\;
# J_{\mathrm{relu}_2}^{\mathsf T}\; J_{H_2}^{\mathsf T}\; \overline Z_3 .$$
#
# Let us take that literally. For a batch of 32 digits, here is every factor with its structure, and the product:

# %%
x, y = train_x[:32], train_labels[:32]
p = start

z1 = nn.linear(x, p["W1"], p["b1"])
h1 = nn.relu(z1)
z2 = nn.linear(h1, p["W2"], p["b2"])
h2 = nn.relu(z2)
z3 = nn.linear(h2, p["W3"], p["b3"])

maps = {
    "FC 3 by its input": sg.structured_jacobian(lambda h: nn.linear(h, p["W3"], p["b3"]), h2),
    "ReLU 2": sg.structured_jacobian(nn.relu, z2),
    "FC 2 by its input": sg.structured_jacobian(lambda h: nn.linear(h, p["W2"], p["b2"]), h1),
    "ReLU 1": sg.structured_jacobian(nn.relu, z1),
    "FC 1 by its weights": sg.structured_jacobian(lambda W: nn.linear(x, W, p["b1"]), p["W1"]),
}
adjoint = sg.grad(lambda z: nn.softmax_cross_entropy(z, y))(z3).ravel()
print("                        the Jacobian   structure   bytes, dense     adjoint")
for name, J in maps.items():
    adjoint = J.T @ adjoint
    shape = f"{J.shape[0]:,} × {J.shape[1]:,}"
    print(f"{name:20} {shape:>15}   {J.structure:10} {J.dense_nbytes:13,} {adjoint.size:>7,} numbers")

same = np.allclose(adjoint.reshape(p["W1"].shape), sg.grad(loss)(p, x, y)["W1"])
print("\nThe last adjoint is the gradient of W1, as sg.grad gives it:", same)

# %% [markdown]
# No matrix of the column *bytes, dense* was made. Each step is one of the pullbacks of Lecture 07, written with the
# arrays that the layer has anyway.
#
# ### The first adjoint
#
# Where does $\overline Z_3$ come from? For one digit the loss is $-\log s_y$, so the adjoint of $s$ is $-1/s_y$ at
# the right class and 0 elsewhere. Softmax has the Jacobian $\mathrm{diag}(s) - s s^{\mathsf T}$, which is its own
# transpose, and its product with that vector is
#
# $$\bar z = s - e_y ,$$
#
# the probabilities, less 1 at the right class. (Take the two terms: $\mathrm{diag}(s)$ gives $-1$ at $y$, and
# $-s s^{\mathsf T}$ gives $+s$.) Each logit is told by how much its probability is too high. On a batch, the mean
# divides that by $N$.
#
# ### Four equations
#
# With $Y$ for the right classes as rows of 0 and 1, and $H_0 = X$, all of backprop in such a network is
#
# $$\begin{aligned}
# (1)\quad & \overline Z_3 = (S - Y)/N && \text{softmax and cross-entropy} \\
# (2)\quad & \overline W_k = \overline Z_k^{\mathsf T} H_{k-1}, \qquad \bar b_k = \textstyle\sum_s \overline Z_{k,s}
# && \text{FC, by weights and bias} \\
# (3)\quad & \overline H_{k-1} = \overline Z_k W_k && \text{FC, by its input} \\
# (4)\quad & \overline Z_k = \overline H_k \odot \mathbf 1[Z_k > 0] && \text{ReLU}
# \end{aligned}$$
#
# where $\odot$ multiplies entry by entry, and the sum in (2) runs over the samples. (M. Nielsen's book made "the four
# equations of backpropagation" well known. His are for one sample and any activation; these are for our batch.)
#
# **Predict.** Write them in NumPy. The values on the way there are given.


# %%
def backprop(p, x, labels):
    """The adjoints of all arrays in the network, in a dict."""
    n = len(labels)
    z1 = x @ p["W1"].T + p["b1"]
    h1 = np.maximum(z1, 0)
    z2 = h1 @ p["W2"].T + p["b2"]
    h2 = np.maximum(z2, 0)
    s = nn.softmax(h2 @ p["W3"].T + p["b3"])
    y = np.eye(10)[labels]  # a row of 0 and 1 for each sample

    bar = {}
    bar["z3"] = ...  # (1)
    bar["W3"] = ...  # (2)
    bar["b3"] = ...
    bar["h2"] = ...  # (3)
    bar["z2"] = ...  # (4)
    bar["W2"] = ...
    bar["b2"] = ...
    bar["h1"] = ...
    bar["z1"] = ...
    bar["W1"] = ...
    bar["b1"] = ...
    return bar


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: your backprop
def true_adjoints(p, x, labels):
    """The adjoints of all arrays in the network, each the sg.grad of what comes after it."""

    def after_h1(h1):
        return after_z2(nn.linear(h1, p["W2"], p["b2"]))

    def after_z2(z2):
        return after_h2(nn.relu(z2))

    def after_h2(h2):
        return after_z3(nn.linear(h2, p["W3"], p["b3"]))

    def after_z3(z3):
        return nn.softmax_cross_entropy(z3, labels)

    z1 = nn.linear(x, p["W1"], p["b1"])
    h1 = nn.relu(z1)
    z2 = nn.linear(h1, p["W2"], p["b2"])
    h2 = nn.relu(z2)
    values = {
        "z3": (after_z3, nn.linear(h2, p["W3"], p["b3"])),
        "h2": (after_h2, h2),
        "z2": (after_z2, z2),
        "h1": (after_h1, h1),
        "z1": (lambda z1: after_h1(nn.relu(z1)), z1),
    }
    return {name: sg.grad(f)(at) for name, (f, at) in values.items()} | sg.grad(loss)(p, x, labels), z1, z2


def check_backprop():
    rng = np.random.default_rng(3)
    p = initial(rng)
    p["W3"] *= 10
    x, y = train_x[:7], train_labels[:7]
    truth, z1, z2 = true_adjoints(p, x, y)
    found = attempt("backprop", lambda: backprop(p, x, y))
    if found is None:
        return
    if not isinstance(found, dict):
        print("backprop: not right yet. It should return the dict `bar`.")
        return
    mistakes = {
        "z3": [
            (7 * truth["z3"], "The loss is a mean: divide by the number of samples."),
            (-truth["z3"], "The sign is wrong: s − y, not y − s."),
        ],
        "z2": [
            (truth["h2"], "The closed gates let nothing through: multiply by z2 > 0."),
            (truth["h2"] * (truth["h2"] > 0), "What decides is whether z2 is positive, not its adjoint."),
        ],
        "z1": [
            (truth["h1"], "The closed gates let nothing through: multiply by z1 > 0."),
            (truth["h1"] * (z1 <= 0), "The gates are the wrong way round."),
        ],
    }
    mistakes["z2"].append((truth["h2"] * (z2 <= 0), "The gates are the wrong way round."))
    for k in "123":
        mistakes[f"b{k}"] = [(truth[f"b{k}"] / 7, "Add over the samples; the mean is in the adjoint of z3 already.")]
    for name in ("z3", "W3", "b3", "h2", "z2", "W2", "b2", "h1", "z1", "W1", "b1"):
        answer = found.get(name, ...)
        if answer is ...:
            print(f"The adjoint of {name}: still to be written.")
            return
        try:
            yours = np.array(answer, dtype=float)
        except (TypeError, ValueError):
            print(f"The adjoint of {name}: not right yet. This is not an array of numbers: {answer!r}.")
            return
        if yours.shape != truth[name].shape:
            turned = " It lies on its side: transpose it." if yours.shape == truth[name].T.shape else ""
            print(f"The adjoint of {name}: not right yet. It should have the shape of {name}, {truth[name].shape},")
            print(f"and yours has {yours.shape}.{turned}")
            return
        if not np.allclose(yours, truth[name]):
            known = [says for wrong, says in mistakes.get(name, []) if np.allclose(yours, wrong)]
            wrong = np.sum(~np.isclose(yours, truth[name]))
            says = known[0] if known else f"{wrong} of its {yours.size} entries are wrong."
            print(f"The adjoint of {name}: not right yet. {says}")
            return
    print("Right: all eleven adjoints agree with sg.grad, on seven digits and other weights.")


check_backprop()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def backprop(p, x, labels):
#     """The adjoints of all arrays in the network, in a dict."""
#     n = len(labels)
#     z1 = x @ p["W1"].T + p["b1"]
#     h1 = np.maximum(z1, 0)
#     z2 = h1 @ p["W2"].T + p["b2"]
#     h2 = np.maximum(z2, 0)
#     s = nn.softmax(h2 @ p["W3"].T + p["b3"])
#     y = np.eye(10)[labels]  # a row of 0 and 1 for each sample
#
#     bar = {}
#     bar["z3"] = (s - y) / n  # (1)
#     bar["W3"] = bar["z3"].T @ h2  # (2)
#     bar["b3"] = bar["z3"].sum(axis=0)
#     bar["h2"] = bar["z3"] @ p["W3"]  # (3)
#     bar["z2"] = bar["h2"] * (z2 > 0)  # (4)
#     bar["W2"] = bar["z2"].T @ h1
#     bar["b2"] = bar["z2"].sum(axis=0)
#     bar["h1"] = bar["z2"] @ p["W2"]
#     bar["z1"] = bar["h1"] * (z1 > 0)
#     bar["W1"] = bar["z1"].T @ x
#     bar["b1"] = bar["z1"].sum(axis=0)
#     return bar
# ```
#
# </details>

# %% [markdown]
# Eleven lines, and each repeats one of four. A deeper network repeats them more often. From here on
# `sg.value_and_grad` does the same for us, for any function, in one reverse sweep.

# %% [markdown]
# ## 3. Is the gradient right?
#
# Trust it after a check. `sg.check_grad` compares every entry with central differences, forward mode with reverse
# mode, and stops with the worst entry if they disagree. It evaluates the loss several times for every parameter, so
# it is given a small network: widths 64 → 12 → 8 → 10, and four digits.

# %%
small = initial(np.random.default_rng(1), widths=(64, 12, 8, 10))
sg.check_grad(lambda parameters: loss(parameters, train_x[:4], train_labels[:4]), small)
print(f"All {sum(p.size for p in small.values())} entries agree with central differences.")

# %% [markdown]
# (A unit that stands within the step of its kink, $z \approx 0$, would make them disagree: a central difference
# there sees both slopes of ReLU, half and half. With these random weights no unit does. When a check of yours fails,
# look for a kink before you look for a mistake.)

# %% [markdown]
# For the large network one direction has to do: move *all* 6,570 numbers at once along a random direction $d$, and
# compare the slope of the loss with $\sum \overline W \cdot d$. A wrong gradient would have to be wrong in just such
# a way that it makes no difference along $d$. Here is the true one, and one in which somebody forgot the gates of
# the first ReLU:

# %%
rng = np.random.default_rng(1)
direction = {name: rng.standard_normal(array.shape) for name, array in start.items()}


def loss_along(step):
    return loss({name: start[name] + step * direction[name] for name in start}, x, y)


def slope(gradient):
    return sum(np.vdot(gradient[name], direction[name]) for name in start)


def after_h1(h1):
    h2 = nn.relu(nn.linear(h1, start["W2"], start["b2"]))
    return nn.softmax_cross_entropy(nn.linear(h2, start["W3"], start["b3"]), y)


gradient = sg.grad(loss)(start, x, y)
h1_bar = sg.grad(after_h1)(h1)
without_gates = gradient | {"W1": h1_bar.T @ x, "b1": h1_bar.sum(axis=0)}

print(f"central differences:      {(loss_along(1e-5) - loss_along(-1e-5)) / 2e-5:.6f}")
print(f"the gradient:             {slope(gradient):.6f}")
print(f"and without the gates:    {slope(without_gates):.6f}")

# %% [markdown]
# ## 4. Training
#
# Stochastic gradient descent: shuffle the digits, take 32 at a time, and move every parameter a little against its
# gradient. When all digits have had their turn, an *epoch* is over. That is the whole program:


# %%
def train(parameters, x, labels, epochs, rate, rng, size=32):
    """Train by stochastic gradient descent; returns the parameters after each epoch, and the loss of each batch."""
    value_and_gradient = sg.value_and_grad(loss)
    after_epoch, losses = [parameters], []
    for _ in range(epochs):
        shuffled = rng.permutation(len(x))
        for first in range(0, len(x), size):
            batch = shuffled[first : first + size]
            value, gradient = value_and_gradient(parameters, x[batch], labels[batch])
            parameters = {name: parameters[name] - rate * gradient[name] for name in parameters}
            losses.append(value)
        after_epoch.append(parameters)
    return after_epoch, losses


def count_right(parameters, x, labels):
    return int(np.sum(logits(parameters, x).argmax(axis=1) == labels))


# %% [markdown]
# **Predict.** With 1,437 digits, 32 at a time, how many steps are in one epoch? (The last batch of an epoch is
# smaller.)

# %%
steps_in_an_epoch = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: steps in an epoch
check_number("The steps in an epoch", steps_in_an_epoch, 45, "1437 / 32 = 44.9, and the rest makes a batch too.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# steps_in_an_epoch = 45
# ```
#
# </details>

# %%
after_epoch, losses = train(start, train_x, train_labels, epochs=20, rate=0.1, rng=np.random.default_rng(2))
trained = after_epoch[-1]

on_training = [loss(parameters, train_x, train_labels) for parameters in after_epoch]
on_held_out = [loss(parameters, test_x, test_labels) for parameters in after_epoch]

fig, ax = plt.subplots(figsize=(6.4, 3.0), layout="constrained")
ax.semilogy(np.arange(len(losses)) / 45, losses, color="#d0d5dc", linewidth=0.7, label="each batch")
ax.semilogy(on_training, color="#1c2430", marker="o", markersize=3, label="all digits to train with")
ax.semilogy(on_held_out, color="#C24A00", linestyle="--", marker="s", markersize=3, label="held-out digits")
ax.axhline(math.log(10), color="#888888", linewidth=0.8)
ax.text(20, 1.06 * math.log(10), "a guess: log 10", ha="right", va="bottom", fontsize=8, color="#555555")
ax.set(xlabel="epoch", ylabel="loss", xticks=range(0, 21, 5))
ax.legend(fontsize=8, loc="lower left")
plt.show()

print("epoch   loss   right, of 1,437   held-out loss   right, of 360")
for epoch in (0, 1, 2, 5, 10, 20):
    parameters = after_epoch[epoch]
    counts = count_right(parameters, train_x, train_labels), count_right(parameters, test_x, test_labels)
    print(f"{epoch:5} {on_training[epoch]:6.2f} {counts[0]:17,} {on_held_out[epoch]:15.2f} {counts[1]:15}")

# %% [markdown]
# The two losses hardly differ, so the network has not just learnt its digits by heart. (They would differ more for
# digits of people it has never met: these are by 13 writers, all of whom are on both sides.) Here are the held-out
# digits that it gets wrong, with what they are and what it says:

# %%
said = logits(trained, test_x).argmax(axis=1)
mistakes = np.flatnonzero(said != test_labels)
fig, ax = plt.subplots(figsize=(6.8, 1.05), layout="constrained")
show_digits(ax, test_x[mistakes[:10]], [f"{test_labels[i]}, not {said[i]}" for i in mistakes[:10]])
plt.show()
print(f"{len(mistakes)} mistakes among {len(test_labels)}")

# %% [markdown]
# ## 5. The Jacobian of the trained network
#
# Take one held-out digit $x$, and ask how its ten logits depend on its 64 pixels.

# %%
which = int(np.flatnonzero(test_labels == 3)[13])
digit = test_x[which]
J = sg.structured_jacobian(lambda x: logits(trained, x), digit)
print("shape     ", J.shape)
print("structure ", J.structure)
print("logits    ", ", ".join(f"{value:.1f}" for value in logits(trained, digit)))

# %%
network = JacobianInspector(J)
display(network)
print(network.text())

# %% [markdown]
# (With only ten rows, the matrix is smaller than the factors that it is kept as. They cost nothing, being the
# trained weights themselves.)
#
# Row $c$ of $J$ says for each pixel how the logit of class $c$ moves when the pixel gets darker. What decides
# between two classes is the difference of their rows. `+` marks pixels that speak for the first class, `−` those
# that speak against it. (Colour says the same, only strong ones are marked.)

# %%
order_of_classes = np.argsort(-logits(trained, digit))
winner, rival = int(order_of_classes[0]), int(order_of_classes[1])
rows = {
    f"for {winner}: row {winner}": J.row(winner),
    f"for {rival}: row {rival}": J.row(rival),
    f"for {winner} against {rival}": J.row(winner) - J.row(rival),
}
largest = max(np.abs(row).max() for row in rows.values())

fig, axes = plt.subplots(1, 4, figsize=(7.0, 2.0), layout="constrained")
axes[0].imshow(digit.reshape(8, 8), cmap="Greys")
axes[0].set_title(f"a held-out {test_labels[which]}", fontsize=9)
for ax, (title, row) in zip(axes[1:], rows.items(), strict=True):
    ax.imshow(row.reshape(8, 8), cmap="PuOr_r", vmin=-largest, vmax=largest)
    for pixel in np.flatnonzero(np.abs(row) > 0.3 * largest):
        sign, ink = "+" if row[pixel] > 0 else "−", "white" if abs(row[pixel]) > 0.6 * largest else "black"
        ax.text(pixel % 8, pixel // 8, sign, ha="center", va="center", fontsize=9, color=ink)
    ax.set_title(title, fontsize=9)
for ax in axes:
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(True)
plt.show()

# %% [markdown]
# This is not the network as such: it is the network *at this digit*. The gates that this digit opens are the two
# diagonal matrices in the structure. As long as no gate changes, the network is the linear one of its open units,
# and $J$ is exact, not only to first order. On the way from this digit to another one, gates open and close one by
# one, and the logits follow straight pieces with a kink at each change:

# %%
other = test_x[np.flatnonzero(test_labels == 8)[10]]
a = np.linspace(0, 1, 401)
way = digit + a[:, None] * (other - digit)
heights = logits(trained, way)
slopes = J @ (other - digit)

open_1 = nn.linear(way, trained["W1"], trained["b1"]) > 0
open_2 = nn.linear(nn.relu(nn.linear(way, trained["W1"], trained["b1"])), trained["W2"], trained["b2"]) > 0
changes = np.flatnonzero(np.any(np.diff(np.hstack([open_1, open_2]), axis=0), axis=1))

fig, ax = plt.subplots(figsize=(6.4, 3.0), layout="constrained")
for c, colour, style in ((3, "#0072B2", "-"), (8, "#C24A00", "--")):
    ax.plot(a, heights[:, c], color=colour, linestyle=style, label=f"logit of {c}")
    ax.plot(a, heights[0, c] + a * slopes[c], color=colour, linewidth=1.3, linestyle=":")
ax.plot(a[changes], np.full(len(changes), heights[:, [3, 8]].min() - 2), "|", color="#5b6675", label="a gate changes")
ax.set(xlabel="$a$, from a 3 (0) to an 8 (1)", title="dotted: what $J$ at the 3 foretells")
ax.legend(fontsize=8)
plt.show()

until = a < a[changes[0]]  # before the first gate changes
foretold = heights[0] + a[until, None] * slopes
print(f"gates change at {len(changes)} of 400 steps, for the first time at a = {a[changes[0]]:.3f}")
exact = np.allclose(heights[until], foretold, rtol=0, atol=1e-10)
print("until then J foretells all ten logits to ten decimals:", exact)

# %% [markdown]
# ### The sum over paths
#
# Lecture 04 called a derivative the sum over all paths of the products of the local derivatives along them. Here a
# path goes from a pixel through a unit of layer 1 and a unit of layer 2 to a logit. Its product is a weight, a gate,
# a weight, a gate and a weight, and 0 if either gate is closed.

# %%
z1 = trained["W1"] @ digit + trained["b1"]
z2 = trained["W2"] @ np.maximum(z1, 0) + trained["b2"]
print("open in layer 1:", np.sum(z1 > 0), "of 64")
print("open in layer 2:", np.sum(z2 > 0), "of 32")

# %% [markdown]
# **Predict.** How many paths with all gates open lead from one pixel to one logit?

# %%
open_paths = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: open paths
check_number(
    "The open paths",
    open_paths,
    int(np.sum(z1 > 0) * np.sum(z2 > 0)),
    "A path chooses one open unit in layer 1, and one in layer 2.",
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# open_paths = int(np.sum(z1 > 0) * np.sum(z2 > 0))
# ```
#
# </details>

# %%
pixel = int(np.argmax(np.abs(J.row(winner))))
paths = (trained["W3"][winner] * (z2 > 0))[:, None] * trained["W2"] * (trained["W1"][:, pixel] * (z1 > 0))
lines = [
    f"paths from pixel {pixel} to the logit of {winner}:     {paths.size:,}",
    f"those with all gates open:                 {np.count_nonzero(paths):7,}",
    f"those that push the logit up add up to     {paths[paths > 0].sum():7.2f}",
    f"those that push it down                    {paths[paths < 0].sum():7.2f}",
    f"all of them together                       {paths.sum():7.2f}",
    f"the entry of the Jacobian                  {J[winner, pixel]:7.2f}",
]
fold("The sum over the paths, once you have answered", lines)

# %% [markdown]
# The entry is what remains when hundreds of contributions of both signs have cancelled. Nobody adds them one by one:
# the sweep back adds at every unit, and so has one number there instead of all the paths behind it.

# %% [markdown]
# ## 6. Gates that never open
#
# A gate that is closed for a digit sends nothing back: the weights that lead into it learn nothing from that digit.
# What if it is closed for *all* of them?


# %%
def share_open(parameters, x):
    """For each unit of layer 1 and of layer 2, the share of the digits that open its gate."""
    h1 = nn.relu(nn.linear(x, parameters["W1"], parameters["b1"]))
    h2 = nn.relu(nn.linear(h1, parameters["W2"], parameters["b2"]))
    return (h1 > 0).mean(axis=0), (h2 > 0).mean(axis=0)


before, after = share_open(start, train_x), share_open(trained, train_x)
fig, axes = plt.subplots(1, 2, figsize=(6.8, 2.4), layout="constrained", sharey=True, width_ratios=(64, 40))
for k, ax in enumerate(axes):
    units = np.argsort(-after[k])
    ax.bar(np.arange(len(units)), after[k][units], color="#b3bcc8", width=0.8, label="after training")
    ax.plot(before[k][units], "_", color="#1c2430", markersize=4, label="before")
    ax.set(title=f"layer {k + 1}", xlabel="units, sorted", xticks=[])
axes[0].set_ylabel("share of digits\nthat open the gate")
axes[0].legend(fontsize=8, loc="upper right")
plt.show()
for k in (0, 1):
    dead = [int(np.sum(share[k] == 0)) for share in (before, after)]
    print(f"layer {k + 1}: a gate is open for {after[k].mean():.0%} of the digits on average")
    print(f"         never open: {dead[0]} of {len(after[k])} before training, {dead[1]} after")

# %% [markdown]
# A unit that no digit opens is **dead**. One in layer 1 and three in layer 2 were so before the first step: by chance
# most of their random weights are negative, and what they multiply never is.
#
# **Predict.** Take a dead unit of layer 1, and the gradient of the loss over all digits. How many of the 64 weights
# that lead into it have a gradient other than 0?

# %%
nonzero_in_a_dead_row = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the gradient of a dead unit
check_number(
    "The nonzeros",
    nonzero_in_a_dead_row,
    0,
    "Its gate is 0 for every digit, by equation (4). What does equation (2) make of that?",
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# nonzero_in_a_dead_row = 0
# ```
#
# So its weights stay as they are. In layer 1 that is for ever, since the pixels stay too. In layer 2 a unit can come
# back if what layer 1 sends it changes; one of the three did.
#
# </details>

# %%
dead_unit = int(np.flatnonzero(before[0] == 0)[0])
gradient = sg.grad(loss)(trained, train_x, train_labels)["W1"][dead_unit]
lines = [
    f"nonzeros in the gradient of unit {dead_unit}'s weights: {np.count_nonzero(gradient)}",
    f"its weights are those of the start: {np.array_equal(trained['W1'][dead_unit], start['W1'][dead_unit])}",
]
fold("A dead unit after twenty epochs, once you have answered", lines)

# %% [markdown]
# Three dead units of 96 do little harm. They become a disaster if the steps are too long. A step that overshoots can
# move the weights and biases of many units so far that no digit opens them any more, and from there nothing brings
# them back. If a whole layer is dead, no gradient passes it at all, and only the last biases still learn. Here is
# the same network with steps twenty times as long, and both again with *centred* pixels: from each pixel its mean
# over the digits is taken, so that inputs have both signs.

# %%
mean = train_x.mean(axis=0)
print("pixels    rate   dead in layer 2   loss after 20 epochs")
curves = {}
for name, shift in (("as they are", 0), ("centred", mean)):
    for rate in (0.1, 2.0):
        steps = np.random.default_rng(2)
        epochs, _ = train(start, train_x - shift, train_labels, epochs=20, rate=rate, rng=steps)
        curves[name, rate] = [loss(parameters, train_x - shift, train_labels) for parameters in epochs]
        dead = int(np.sum(share_open(epochs[-1], train_x - shift)[1] == 0))
        print(f"{name:11} {rate:3} {dead:9} of 32 {curves[name, rate][-1]:18.1f}")

fig, ax = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
looks = {"as they are": ("#C24A00", "--"), "centred": ("#0072B2", "-")}
for (name, rate), curve in curves.items():
    colour, style = looks[name]
    ax.semilogy(curve, color=colour, linestyle=style, linewidth=0.8 if rate < 1 else 2, label=f"{name}, rate {rate}")
ax.set(xlabel="epoch", ylabel="loss", xticks=range(0, 21, 5))
ax.legend(fontsize=8, loc="lower left")
plt.show()

# %% [markdown]
# With the long steps and the pixels as they are, all of layer 2 dies, the loss returns to that of a guess, and it
# stays there: the gradient by every weight is exactly 0. With centred pixels the same steps do no harm.

# %% [markdown]
# ## 7. All Jacobians of a batch
#
# To end with, the Jacobian of the logits of 32 digits, by each thing that they depend on. None is formed, all can be
# asked for any row, and each is made of pieces of Lecture 07.

# %%
x = train_x[:32]
print("by         shape                bytes, dense   bytes, kept   structure")
by_x = {"x": sg.structured_jacobian(lambda x: logits(trained, x), x)}
by_parameter = {
    name: sg.structured_jacobian(lambda array, name=name: logits({**trained, name: array}, x), trained[name])
    for name in trained
}
for name, J in (by_x | by_parameter).items():
    shape = f"{J.shape[0]:,} × {J.shape[1]:,}"
    print(f"{name:10} {shape:15} {J.dense_nbytes:17,} {J.nbytes:13,}   {J.structure}")

# %% [markdown]
# Read from right to left, each line is the way from the argument to the logits. The loss puts one row in front of
# it, and multiplying from that end is backprop.

# %% [markdown]
# ## Summary
#
# | | forwards | backwards |
# |:---|:---|:---|
# | FC | $Z = H W^{\mathsf T} + b$ | $\overline H = \overline Z W$ |
# | | | $\overline W = \overline Z^{\mathsf T} H$ and $\bar b = \sum_s \overline Z_s$ |
# | ReLU | $H = \max(0, Z)$ | $\overline Z = \overline H \odot \mathbf 1[Z > 0]$ |
# | softmax and cross-entropy | $L = -\frac1N \sum_s \log S_{s,y_s}$ | $\overline Z = (S - Y)/N$ |
# | kept for the way back | | the inputs $H$ of the FC layers, the gates, $S$ |
#
# | | |
# |:---|:---|
# | check a gradient | `sg.check_grad`, or one random direction against central differences |
# | train | `sg.value_and_grad`, and `parameters - rate * gradient` |
# | look inside | `sg.structured_jacobian` of the logits, at one digit: exact while no gate changes |
# | an entry of it | the sum over all open paths |
# | a dead unit | no digit opens its gate, so no gradient reaches its weights |
#
# **Next:** [Lecture 09](09_from_fully_connected_to_convolution.ipynb) asks what a fully connected layer on an image
# costs, and takes nearly all of it away. **Back to** [Lecture 07](07_jacobians.ipynb), Jacobians of ReLU and fully
# connected layers.
#
# **Further reading.** D. E. Rumelhart, G. E. Hinton, R. J. Williams, *Learning representations by back-propagating
# errors*, Nature 323 (1986). M. Nielsen, *Neural Networks and Deep Learning* (2015), chapter 2. F.-F. Li, A.
# Karpathy, J. Johnson, *CS231n: Convolutional neural networks for visual recognition*, Stanford (2016). K. He, X.
# Zhang, S. Ren, J. Sun, *Delving deep into rectifiers*, ICCV (2015), for the initial weights. E. Alpaydin, C.
# Kaynak, *Cascading classifiers*, Kybernetika 34 (1998), for the digits.
