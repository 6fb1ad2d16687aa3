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
# # Lecture 10 · Convolution: flip and slide
#
# *About 40 minutes · you need integrals and sums; section 3 uses gradients, from
# [Lecture 04](04_reverse_mode.ipynb) and [Lecture 07](07_jacobians.ipynb)*
#
# **Open in** JupyterLab: `make lab` in a clone of stepgrad, or `stepgrad lab` where it is installed.
#
# One word, three meanings. A mathematician who says *convolution* means an integral with a flip in it. A computer
# scientist means a finite sum, with the same flip. A programmer of neural networks calls a function named
# `conv2d`, and there is no flip at all. This lecture takes the three in turn, by hand and in code, and ends with
# what the flip does and does not change in a network.
#
# Afterwards you can
#
# 1. work out a convolution of two functions or two lists of numbers by flipping and sliding;
# 2. say where it begins and ends, that it commutes, and what comes of it if it is done again and again;
# 3. program it, with its sums centred and with its three kinds of borders;
# 4. tell convolution from cross-correlation, turn the one into the other, and say for which kernels they agree;
# 5. say why a network can do without the flip, and where in backprop it turns up all the same.
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

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

import stepgrad as sg
from stepgrad import nn
from stepgrad.convolution import convolve, convolve_sampled, correlate
from stepgrad.homework import array_of, attempt, check_array, check_number, fold
from stepgrad.widgets import ConvSlider, FlipAndSlide

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False})

# %% [markdown]
# ## 1. For mathematicians
#
# Take two functions of time, a **signal** $x$ and a **kernel** $w$. Their convolution is a third one,
#
# $$y(t) = (x * w)(t) = \int_{-\infty}^{\infty} x(\tau)\, w(t - \tau)\, d\tau .$$
#
# For each $t$ this is one number, and it takes four steps to get it:
#
# 1. **flip**: $w(\tau) \to w(-\tau)$, the kernel turned round at 0;
# 2. **shift**: $w(-\tau) \to w(-(\tau - t)) = w(t - \tau)$, moved so that its origin lies at $t$;
# 3. **multiply**: $x(\tau)\,w(t-\tau)$, at every $\tau$;
# 4. **add up**: the area under the product is $y(t)$.
#
# Then move on to the next $t$: the turned kernel *slides* over the signal.
#
# **Predict.** Let both be the box, which is 1 for $|\tau| \le \tfrac12$ and 0 elsewhere. Turned round, a box is the
# same box. Slide it in your mind: from which $t$ on do the two overlap, and until when? How large is the overlap at
# $t = 0$, and how large at $t = 0.6$?

# %%
begins = ...  # y is not 0 from here
ends = ...  # to here
at_zero = ...  # y(0)
at_point_six = ...  # y(0.6)

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: box ∗ box
edge = "The kernel reaches half a unit to each side of t, and so does the signal of 0."
check_number("Where y begins", begins, -1, edge)
check_number("Where y ends", ends, 1, edge)
check_number("y(0)", at_zero, 1, "The two lie on top of each other: the product is the box itself.")
check_number("y(0.6)", at_point_six, 0.4, "They overlap from 0.1 to 0.5, and the product is 1 there.", 1e-9)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# begins = -1
# ends = 1
# at_zero = 1
# at_point_six = 0.4
# ```
#
# The overlap of two boxes of width 1 whose middles are $|t|$ apart is $1 - |t|$: their convolution is a triangle.
#
# </details>

# %% [markdown]
# Now watch it. The widget begins with the kernel as it is. Go on with <kbd>→</kbd>: it is turned round, shifted to
# one place, multiplied, and its area becomes a point below. After that it slides; drag it, or press
# <kbd>Space</kbd>.

# %%
boxes = FlipAndSlide("box", "box", position=0)
display(boxes)
fold("The same in numbers, once you have answered", boxes.text())

# %% [markdown]
# The flip cannot be seen on a box. A kernel that is not symmetric shows it. Here is one that jumps to 1 and then
# decays, $w(\tau) = e^{-\tau}$ for $\tau \ge 0$. This is how a system answers a sudden knock: a room its echo, an
# electric circuit its charge. Its *past* is what counts: at time $t$, a knock that came $a$ ago still weighs
# $e^{-a}$, so $x(t-a)$ has to be multiplied by $w(a)$. Drawn over $\tau = t - a$, that is the kernel turned round.
#
# **Predict**, in the widget: which curve comes out? (Choose another signal there, and it asks again.)

# %%
decay = FlipAndSlide("box", "exponential", predict=True)
decay

# %% [markdown]
# **Predict.** Write that curve as a formula. Work out the integral of $e^{-(t - \tau)}$ over those $\tau$ that lie
# in the box *and* are not later than $t$. There are three cases.


# %%
def box_with_decay(t):
    """(box ∗ w)(t) for w(τ) = exp(−τ), τ ≥ 0."""
    if t < -0.5:
        return ...
    if t < 0.5:
        return ...  # the box has come in as far as t
    return ...  # all of the box lies in the past


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: box ∗ exponential
times, curve = FlipAndSlide("box", "exponential").output


def check_formula():
    for name, t in (("before the box, at t = −1", -1.0), ("in it, at t = 0.2", 0.2), ("after it, at t = 2", 2.0)):
        truth = float(np.interp(t, times, curve, left=0, right=0))
        found = attempt("The formula", lambda t=t: box_with_decay(t))
        if found is None:
            return
        hint = "The limits are −½ and the smaller of t and ½; an antiderivative of exp(τ − t) is exp(τ − t)."
        check_number(f"The formula {name}", found, truth, hint, 1e-4)


check_formula()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def box_with_decay(t):
#     """(box ∗ w)(t) for w(τ) = exp(−τ), τ ≥ 0."""
#     if t < -0.5:
#         return 0.0
#     if t < 0.5:
#         return 1 - math.exp(-(t + 0.5))  # the box has come in as far as t
#     return math.exp(-(t - 0.5)) - math.exp(-(t + 0.5))  # all of the box lies in the past
# ```
#
# </details>

# %% [markdown]
# ### It commutes
#
# Put $a = t - \tau$ for the variable under the integral. Then $\tau = t - a$, and
#
# $$\int x(\tau)\, w(t-\tau)\, d\tau = \int x(t - a)\, w(a)\, da , \qquad\text{that is}\qquad x * w = w * x .$$
#
# It makes no difference which of the two is turned round and slid. (In the widget, the button with the two arrows
# swaps them. The dotted curve is the one from before.) So "signal" and "kernel" are names for our convenience. Here
# are six pairs. As functions of time they are kept at a hundred points per unit, and `convolve_sampled` adds up
# $x[m]\,w[n-m]$ times the distance of the points:

# %%
print("x           w             y from … to      largest y   x∗w against w∗x")
for x_name, w_name in [
    ("box", "box"), ("box", "ramp"), ("steps", "ramp"), ("triangle", "edge"), ("steps", "gaussian"), ("edge", "box"),
]:  # fmt: skip
    t, one = FlipAndSlide(x_name, w_name).output
    other = FlipAndSlide(w_name, x_name).output[1]
    seen = t[np.abs(one) > 1e-6]
    begin, end = seen[0] - 0.01, seen[-1] + 0.01  # one point further on it is 0
    same = "the same" if np.allclose(one, other, atol=1e-12) else "different"
    print(f"{x_name:11} {w_name:11} {begin:7.2f} … {end:5.2f} {one.max():12.3f}   {same}")

swapped = FlipAndSlide("ramp", "steps", position=120)
swapped

# %% [markdown]
# The ends follow a rule, too. If $x$ lives on $[a, b]$ and $w$ on $[c, d]$, then $x * w$ lives on $[a + c,\ b + d]$:
# begin adds to begin, end to end, and so the lengths add. (A Gaussian has no ends: the table tells where $y$ is less
# than a millionth.)

# %% [markdown]
# ### Again and again
#
# A box convolved with a box is a triangle, and that has no jumps any more. Once more, and the corners are gone as
# well. What comes of it in the end?
#
# Probability knows. Let $x$ and $w$ be the densities of two independent random numbers. The density of their *sum*
# is $x * w$: to get the sum $t$, the one has to be $\tau$ and the other $t - \tau$. So areas multiply
# ($1 \cdot 1 = 1$), means add, and **variances add**. And sums of many independent numbers tend to a Gaussian, by the
# central limit theorem.
#
# **Predict.** The box has mean 0 and variance $\int_{-1/2}^{1/2} \tau^2 d\tau = \tfrac1{12}$. What variance has
# box ∗ box ∗ box ∗ box? And how high is the Gaussian with that variance, $1/\sqrt{2\pi v}$?

# %%
variance = ...  # of four boxes
height = ...  # of the Gaussian, to within 0.005

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: four boxes
check_number("The variance of four boxes", variance, 1 / 3, "Variances add: take that of one box four times.", 1e-9)
check_number("The height of the Gaussian", height, math.sqrt(3 / (2 * math.pi)), "Put v = 1/3 into 1/√(2πv).", 0.005)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# variance = 4 / 12
# height = 1 / math.sqrt(2 * math.pi * variance)
# ```
#
# </details>

# %%
step = 0.01
box = np.ones(100)  # on −0.5 … 0.5
density, first = box, -0.5

fig, axes = plt.subplots(1, 4, figsize=(8.0, 2.0), layout="constrained", sharey=True)
lines = ["boxes   variance   height    Gaussian   largest distance"]
for boxes_so_far in range(2, 6):
    density = convolve_sampled(density, box, step)
    first = first - 0.5 + step / 2  # a sum of rectangles belongs to their middles
    t = first + step * np.arange(len(density)) + step / 2
    v = np.sum(density * t**2) * step
    gaussian = np.exp(-(t**2) / (2 * v)) / math.sqrt(2 * math.pi * v)
    far = np.max(np.abs(density - gaussian))
    lines.append(f"{boxes_so_far:5} {v:10.4f} {density.max():8.4f} {gaussian.max():11.4f} {far:18.4f}")
    ax = axes[boxes_so_far - 2]
    ax.plot(t, gaussian, color="#c24a00", linestyle="--", linewidth=1.4)
    ax.plot(t, density, color="#1c2430", linewidth=1.6)
    ax.set_title(f"{boxes_so_far} boxes", fontsize=9)
    ax.set(xlim=(-2.6, 2.6), ylim=(0, 1.05))
    ax.tick_params(labelsize=8)
plt.show()
fold("The numbers, once you have answered", lines)

# %% [markdown]
# Five boxes are hard to tell from the dashed Gaussian. In the widget, press *∗ w again* to go on, also with other
# signals: an exponential takes longer, since it is so lopsided.

# %%
again = FlipAndSlide("box", "box", again=2, position=10_000)
display(again)
print(again.text())

# %% [markdown]
# ## 2. For computer scientists
#
# A computer has no integrals, and its signals end. Both become lists, the integral a sum:
#
# $$y[n] = \sum_m x[m]\, w[n - m] = \sum_a x[n - a]\, w[a] .$$
#
# The kernel is short, and usually centred: $K = 2k + 1$ numbers $w[-k], \dots, w[k]$, so the sum is finite,
#
# $$y[n] = \sum_{a=-k}^{k} x[n - a]\, w[a] , \qquad k = \tfrac{K-1}{2} .$$
#
# Centring only says which place a sum is written to. The sums themselves are the same.
#
# **Predict.** $x = (1, 2, 3, 4)$ and $w = (1, 0, -1)$, both counted from 0. Write down all of $y$, by hand: turn $w$
# round to $(-1, 0, 1)$ and slide it from where its last number meets the first of $x$ to where its first number
# meets the last. (What is outside of $x$ counts as 0.)

# %%
by_hand = ...  # a list


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: six sums by hand
def why_sum(place):
    (n,) = place
    x, w = [1, 2, 3, 4], [1, 0, -1]
    terms = [f"{x[m]}·{w[n - m]}" for m in range(4) if 0 <= n - m < 3]
    kept = correlate(x, w, "full")
    note = ""
    if np.allclose(array_of(by_hand, (6,)), kept):
        note = " You did not flip: this is the cross-correlation."
    return f"There the products are {', '.join(terms).replace('-', '−')}.{note}"


check_array("y", by_hand, convolve([1, 2, 3, 4], [1, 0, -1]), why_sum)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# by_hand = [1, 2, 2, 2, -3, -4]
# ```
#
# The sum at $n = 2$ is $1 \cdot (-1) + 2 \cdot 0 + 3 \cdot 1 = 2$. In the middle stand the differences $x[n] -
# x[n-2]$: this kernel looks for edges.
#
# </details>

# %% [markdown]
# The widget asks for every sum before it shows it. Answer some of them, and skip the others. (A wrong answer is told
# what it would have been right for.)

# %%
sums = FlipAndSlide([1, 2, 3, 4], [1, 0, -1], predict=True)
sums

# %% [markdown]
# Multiplying polynomials is the same thing: $(1 + 2z + 3z^2 + 4z^3)(1 - z^2)$ has just these coefficients. Whoever
# collects the terms with $z^n$ adds up all $x[m]\,w[n-m]$. That is another way to see that it commutes.
#
# **Predict.** Program it, with two loops and nothing else.


# %%
def my_convolve(x, w):
    """All sums x[m] w[n − m], in a list."""
    y = [0.0] * (len(x) + len(w) - 1)
    for m in range(len(x)):
        for a in range(len(w)):
            n = ...  # to which sum does x[m] w[a] belong?
            if n is not ...:
                y[n] += x[m] * w[a]
    return y


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: your convolution
def check_convolve():
    rng = np.random.default_rng(4)
    for n, k in ((4, 3), (1, 5), (12, 7)):
        x, w = rng.integers(-5, 6, n).astype(float), rng.integers(-5, 6, k).astype(float)
        found = attempt("my_convolve", lambda x=x, w=w: my_convolve(list(x), list(w)))
        if found is None:
            return
        truth = np.convolve(x, w)
        mine = array_of(found, truth.shape)
        if mine is not None and not np.any(mine):
            print("my_convolve: still to be written.")
            return
        if mine is not None and not np.allclose(mine, truth):
            if np.allclose(mine, correlate(x, w, "full")):
                print("my_convolve: not right yet. This is the cross-correlation: x[m] w[a] belongs to n = m + a.")
                return
            if np.allclose(mine[::-1], truth):
                print("my_convolve: not right yet. All of it is there, in the reverse order.")
                return
        if mine is None or not np.allclose(mine, truth):
            what = f"with {n} and {k} numbers"
            check_array(f"my_convolve, {what}", found, truth, lambda place: "There n − m = a, so n = m + a.")
            return
    print("my_convolve: right, the same numbers as np.convolve for three sizes.")


check_convolve()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def my_convolve(x, w):
#     """All sums x[m] w[n − m], in a list."""
#     y = [0.0] * (len(x) + len(w) - 1)
#     for m in range(len(x)):
#         for a in range(len(w)):
#             n = m + a
#             y[n] += x[m] * w[a]
#     return y
# ```
#
# </details>

# %% [markdown]
# ### Three kinds of borders
#
# With $N$ numbers in $x$ and $K \le N$ in $w$, there are three common answers to the question which sums to keep:
#
# | mode | which $n$ | how many |
# |:---|:---|:---|
# | `full` | all at which the two overlap | $N + K - 1$ |
# | `same` | as many as $x$ has, from the middle: the centred sums at the places of $x$ | $N$ |
# | `valid` | where all of the kernel lies inside $x$, so that no 0 is made up | $N - K + 1$ |

# %%
x = np.array([2.0, 4, 6, 5, 3, 1, 1])
w = np.array([1.0, 1, 1]) / 3
for mode in ("full", "same", "valid"):
    y = convolve(x, w, mode)
    print(f"{mode:6} {len(y)} numbers: ", "  ".join(f"{value:.2f}" for value in y))

# %% [markdown]
# In the middle all three agree. At the ends `full` and `same` fade, since they average with zeros that nobody
# measured.
#
# ### In two dimensions
#
# A picture has rows and columns, and so has the kernel:
#
# $$y[r, c] = \sum_{a=-k}^{k} \sum_{b=-k}^{k} x[r - a,\ c - b]\, w[a, b] .$$
#
# Both indices are flipped, up and down as well as left and right. Together that turns the kernel by 180°.
#
# The simplest picture is a single 1, the **impulse**, on a ground of zeros:

# %%
impulse = np.zeros((5, 5))
impulse[2, 2] = 1
kernel = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])

# %% [markdown]
# **Predict.** Convolve it with that kernel, in mode `same`. What comes out? Write the inner 3 × 3 of it. (Put the
# impulse into the formula: for which $a, b$ is $x[r-a, c-b]$ the 1?)

# %%
inner = ...  # three rows of three


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the answer to an impulse
def why_impulse(place):
    if np.allclose(array_of(inner, (3, 3)), kernel[::-1, ::-1]):
        return "This is the kernel turned round, as it comes out without the flip: y[r, c] reads w[r − 2, c − 2]."
    return "At y[2 + a, 2 + b] only the product with w[a, b] is not 0."


check_array("The answer", inner, kernel, why_impulse)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# inner = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
# ```
#
# The kernel itself comes out, the right way round. That is what the flip is for: every pixel $x[m]$ spreads into a
# copy of the kernel, $x[m]$ times as strong, and the copies are added up. It is why $w$ is called the *impulse
# response*, and in optics the *point spread function*.
#
# </details>

# %%
fig, axes = plt.subplots(1, 3, figsize=(6.6, 2.3), layout="constrained")
pictures = {
    "the impulse $x$": impulse,
    "convolution $x * w$": convolve(impulse, kernel, "same"),
    "without the flip": correlate(impulse, kernel, "same"),
}
for ax, (title, picture) in zip(axes, pictures.items(), strict=True):
    ax.imshow(np.where(picture, picture + 2, np.nan), cmap="Blues", vmin=0, vmax=16)
    for (r, c), value in np.ndenumerate(picture):
        ax.text(c, r, f"{value:g}", ha="center", va="center", fontsize=9, color="#1c2430" if value else "#8b95a3")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color="#b3bcc8")
    ax.set_title(title, fontsize=10)
plt.show()

# %% [markdown]
# ## 3. For programmers
#
# Whoever programs this for a network is annoyed by minus signs and negative indices. So the kernel is counted from
# 0, and slid as it is:
#
# $$y[r, c] = \sum_{a=0}^{K-1} \sum_{b=0}^{K-1} x[r + a,\ c + b]\, w[a, b] .$$
#
# This is called **cross-correlation**, written $x \star w$. In deep learning it is called convolution all the same:
# `conv2d` in PyTorch, JAX, TensorFlow and stepgrad computes it, `valid` by default.
#
# **Predict.** Program it for one picture and one kernel. Again loops will do; a line of NumPy for the inner two is
# fine.


# %%
def my_conv2d(x, w):
    """The cross-correlation of a picture (H, W) with a kernel (HH, WW), valid."""
    rows, columns = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    y = np.zeros((rows, columns))
    for r in range(rows):
        for c in range(columns):
            y[r, c] = ...
    return y


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: your conv2d
def check_conv2d():
    rng = np.random.default_rng(5)
    x, w = rng.integers(-5, 6, (7, 6)).astype(float), rng.integers(-3, 4, (3, 2)).astype(float)
    found = attempt("my_conv2d", lambda: my_conv2d(x, w))
    if found is None:
        return
    truth = nn.conv2d(x[None, None], w[None, None])[0, 0]
    mine = array_of(found, truth.shape)
    if mine is not None and np.allclose(mine, convolve(x, w, "valid")):
        print("my_conv2d: not right yet. You turned the kernel round; here it is slid as it is.")
        return

    def why(place):
        r, c = place
        return f"There the window of x is rows {r} … {r + 2} and columns {c} … {c + 1}: multiply it by w, and add up."

    check_array("my_conv2d", found, truth, why)


check_conv2d()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def my_conv2d(x, w):
#     """The cross-correlation of a picture (H, W) with a kernel (HH, WW), valid."""
#     rows, columns = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
#     y = np.zeros((rows, columns))
#     for r in range(rows):
#         for c in range(columns):
#             y[r, c] = np.sum(x[r : r + w.shape[0], c : c + w.shape[1]] * w)
#     return y
# ```
#
# </details>

# %% [markdown]
# ### From the one to the other
#
# Turn the kernel by 180° beforehand, and cross-correlation becomes convolution. If the kernel is *symmetric*, the
# same after that turn, the two agree without doing anything.
#
# **Predict.** For which of these kernels do convolution and cross-correlation give the same for every picture?
# Answer with `True` or `False`. (The last one is $-1$ times itself when turned: what does that do to the result?)
#
# $$\text{box}\ \tfrac19\begin{pmatrix}1&1&1\\1&1&1\\1&1&1\end{pmatrix}\quad
# \text{Laplacian}\ \begin{pmatrix}0&1&0\\1&-4&1\\0&1&0\end{pmatrix}\quad
# \text{diagonal}\ \begin{pmatrix}1&0&0\\0&1&0\\0&0&1\end{pmatrix}\quad
# \text{shift}\ \begin{pmatrix}0&0&0\\0&0&1\\0&0&0\end{pmatrix}\quad
# \text{Sobel}\ \begin{pmatrix}-1&0&1\\-2&0&2\\-1&0&1\end{pmatrix}$$

# %%
agree = {"box": ..., "Laplacian": ..., "diagonal": ..., "shift": ..., "Sobel": ...}

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: where the flip makes no difference
kernels = {
    "box": np.ones((3, 3)) / 9,
    "Laplacian": np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "diagonal": np.eye(3),
    "shift": np.array([[0.0, 0, 0], [0, 0, 1], [0, 0, 0]]),
    "Sobel": np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
}


def check_agree():
    for name, w in kernels.items():
        answer = agree.get(name, ...) if isinstance(agree, dict) else ...
        truth = bool(np.array_equal(w, w[::-1, ::-1]))
        if answer is ...:
            print(f"{name}: still to be answered.")
        elif not isinstance(answer, (bool, np.bool_)):
            print(f"{name}: not right yet. Answer with True or False, not {answer!r}.")
        elif answer == truth:
            print(f"{name}: right.")
        else:
            print(f"{name}: not right yet. Turn it by 180° on paper, and compare.")


check_agree()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# agree = {"box": True, "Laplacian": True, "diagonal": True, "shift": False, "Sobel": False}
# ```
#
# Turned, *shift* moves the picture to the other side. Turned, *Sobel* is minus itself: the result changes its sign,
# and where it found a step from dark to bright it now reports one from bright to dark.
#
# </details>

# %%
picture = np.random.default_rng(6).normal(size=(12, 12))
lines = ["kernel      turned by 180°   convolution against cross-correlation   … with the kernel turned"]
for name, w in kernels.items():
    turned = w[::-1, ::-1]
    true, kept = convolve(picture, w, "valid"), correlate(picture, w, "valid")
    itself = "itself" if np.array_equal(w, turned) else "minus itself" if np.array_equal(w, -turned) else "another"
    compared = "the same" if np.allclose(true, kept) else "the negative" if np.allclose(true, -kept) else "different"
    both = "the same" if np.allclose(true, correlate(picture, turned, "valid")) else "different"
    lines.append(f"{name:11} {itself:16} {compared:39} {both}")
fold("All of them on a random picture, once you have answered", lines)

# %% [markdown]
# In the next widget the kernel can be turned before your eyes: choose *convolution (flip)*, and see which of the
# numbers in the map change. Lecture 11 is about this widget.

# %%
slider = ConvSlider("numbers", "sobel_x", kernel=3, flip=False)
display(slider)
print(slider.text())

# %% [markdown]
# ### Does a network miss the flip?
#
# No. Its kernels are *learned*. If a network with cross-correlation learns the kernel $w$, the same network with
# convolution learns $w$ turned by 180°, and computes the same. What is lost is that order does not matter: $x \star
# w$ is not $w \star x$, which comes out turned round. Nobody swaps the two in a network.
#
# **Predict.** In one dimension, $x = (1, 2, 3, 4)$ and $w = (1, 0, -1)$ once more. Without the flip, write down $x
# \star w$ and $w \star x$, both `full`.

# %%
x_with_w = ...  # x ⋆ w
w_with_x = ...  # w ⋆ x


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: cross-correlation does not commute
def why_correlation(place):
    return "Slide it as it is, from where its last number meets the first of the other."


check_array("x ⋆ w", x_with_w, correlate([1, 2, 3, 4], [1, 0, -1], "full"), why_correlation)
check_array("w ⋆ x", w_with_x, correlate([1, 0, -1], [1, 2, 3, 4], "full"), why_correlation)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# x_with_w = [-1, -2, -2, -2, 3, 4]
# w_with_x = [4, 3, -2, -2, -2, -1]
# ```
#
# The second is the first, turned round.
#
# </details>

# %%
kept = FlipAndSlide([1, 2, 3, 4], [1, 0, -1], flip=False, position=0)
display(kept)
fold("The same in numbers, once you have answered", kept.text())

# %% [markdown]
# ### Where it turns up again
#
# Yet a network cannot do without the flip: backprop puts it in. Let $y = x \star w$, that is $y_n = \sum_a x_{n+a}
# w_a$, and let $\bar y$ be the adjoint of $y$. Input $x_m$ is read by the outputs $n = m - a$, each time with the
# weight $w_a$. So
#
# $$\bar x_m = \sum_a \bar y_{m - a}\, w_a = (\bar y * w)_m .$$
#
# The adjoint of the input is a true **convolution**, in mode `full`. And the weight $w_a$ is read by every output,
# with $x_{n+a}$, so $\bar w_a = \sum_n \bar y_n x_{n + a} = (x \star \bar y)_a$, a cross-correlation.
#
# **Predict.** Which call gives $\bar x$, and which $\bar w$?


# %%
def pullback(x, w, y_bar):
    """The adjoints of x and w, for y = correlate(x, w, "valid")."""
    x_bar = ...  # a call of convolve or of correlate
    w_bar = ...
    return x_bar, w_bar


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the pullback of cross-correlation
def check_pullback():
    rng = np.random.default_rng(7)
    x, w, y_bar = rng.normal(size=9), rng.normal(size=4), rng.normal(size=6)

    def layer(x, w):
        return nn.conv2d(x[None, None, None], w[None, None, None])[0, 0, 0]

    _, pull = sg.vjp(layer, x, w)
    truth = pull(y_bar)
    found = attempt("pullback", lambda: pullback(x, w, y_bar))
    if found is None:
        return
    if found is ...:
        print("pullback: still to be written.")
        return
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        print("pullback: not right yet. It should return two arrays, x_bar and w_bar.")
        return
    for name, yours, right, size in zip(("x", "w"), found, truth, ("full", "valid"), strict=True):
        mine = array_of(yours, right.shape)
        if mine is None:
            check_array(f"The adjoint of {name}", yours, right, str)
            if yours is not ...:
                print(f"There are {right.size} numbers in {name}, as many as mode {size!r} keeps.")
        elif np.allclose(mine, right):
            print(f"The adjoint of {name}: right, all {right.size} numbers agree with sg.vjp.")
        elif np.allclose(mine[::-1], right):
            print(f"The adjoint of {name}: not right yet. The numbers are right and come in the reverse order.")
        else:
            print(f"The adjoint of {name}: not right yet. Compare the signs of the indices with the two definitions.")


check_pullback()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def pullback(x, w, y_bar):
#     """The adjoints of x and w, for y = correlate(x, w, "valid")."""
#     x_bar = convolve(y_bar, w, "full")
#     w_bar = correlate(x, y_bar, "valid")
#     return x_bar, w_bar
# ```
#
# </details>

# %% [markdown]
# As matrices: $y = T x$, with the kernel in every row of $T$, one place further to the right each time, and $\bar x
# = T^{\mathsf T} \bar y$. In the *columns* of $T$ the kernel stands upside down. That is the flip, seen once more.

# %%
x, w = np.arange(6.0), np.array([1.0, 2, 3])
T = sg.structured_jacobian(lambda x: nn.conv2d(x[None, None, None], w[None, None, None])[0, 0, 0], x)
print(T.structure)
for row in T.to_dense():
    print("  ".join(f"{value:g}" if value else "·" for value in row))
y_bar = np.array([1.0, -1, 2, 0])
print("the transpose is the convolution:", np.allclose(T.T @ y_bar, convolve(y_bar, w, "full")))

# %% [markdown]
# ## Summary
#
# | for | what | flip | commutes | in code |
# |:---|:---|:---|:---|:---|
# | mathematicians | $\int x(\tau)\,w(t-\tau)\,d\tau$ | yes | yes | `convolve_sampled(x, w, step)` |
# | computer scientists | $\sum_a x[n-a]\,w[a]$, finite and centred | yes | yes | `convolve(x, w, mode)` |
# | programmers | $\sum_{a,b} x[r+a, c+b]\,w[a,b]$ | no | no | `correlate(x, w, mode)`, `nn.conv2d(x, w)` |
#
# - Flip, shift, multiply, add up; then slide.
# - Supports add, areas multiply, and of densities means and variances add. Again and again, it tends to a Gaussian.
# - Cross-correlation with the kernel turned by 180° is convolution. For symmetric kernels there is no difference.
# - Networks leave the flip out. The transpose, in backprop, brings it back.
#
# **Next:** [Lecture 11](11_convolutional_layers.ipynb) slides filters over pictures, and stacks their maps into layers.
# **Back to** [Lecture 09](09_from_fully_connected_to_convolution.ipynb), where the weights were shared, and to
# [Lecture 07](07_jacobians.ipynb), the Jacobians of layers.
#
# **Further reading.** A. V. Oppenheim, R. W. Schafer, *Discrete-Time Signal Processing*, 3rd ed., Pearson (2010),
# chapter 2. I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press (2016), section 9.1, on the two
# meanings of the word. W. Feller, *An Introduction to Probability Theory and Its Applications*, vol. 2, Wiley
# (1971), on sums of random numbers.
