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
# # Lecture 03 · Forward mode: a tangent beside every value
#
# *About 40 minutes · you need the graph of [Lecture 02](02_computational_graphs.ipynb), its section 1, and the
# derivative rules of a first calculus course*
#
# **Open in** JupyterLab: `make lab` in a clone of stepgrad, or `stepgrad lab` where it is installed.
#
# A program that computes a number can compute that number's derivative on the way: exactly but for rounding,
# without deriving a formula first and without choosing a small step. This lecture shows how, by hand, in a
# widget and in Python of your own.
#
# Afterwards you can
#
# 1. write the derivative of a chain of functions as a product of Jacobians, and count what each order of
#    multiplying costs;
# 2. carry a tangent through a computational graph, node by node;
# 3. choose a seed, and so get a partial derivative or the slope in any direction from one sweep;
# 4. write forward mode yourself, with dual numbers;
# 5. say what it costs, and when that is too much.
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
from decimal import Decimal
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

import stepgrad as sg
from stepgrad.homework import attempt, check_number, fold, number, tally
from stepgrad.widgets import ADStepper

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False})

# %% [markdown]
# ## 1. A product of Jacobians, in an order of your choice
#
# Let $f$ work in stages: a vector of $n_0$ numbers becomes one of $n_1$ numbers, that becomes one of $n_2$, and
# so on up to $n_L$. Stage $k$ has a Jacobian $J_k$ with $n_k$ rows (what comes out) and $n_{k-1}$ columns (what
# went in). The chain rule multiplies them, the last stage leftmost:
#
# $$J \;=\; J_L \, J_{L-1} \cdots J_2 \, J_1 .$$
#
# Where you put the brackets makes no difference to the result. It does to the work, since a $p \times q$ matrix
# times a $q \times r$ matrix takes $p\,q\,r$ multiplications, done entry by entry.
#
# - **From the input end**, $J_L(\cdots(J_3(J_2 J_1)))$: the product so far always has $n_0$ columns. It answers
#   *how do the numbers at this stage change when the inputs do?* This is **forward mode**.
# - **From the output end**, $(((J_L J_{L-1})J_{L-2})\cdots)J_1$: the product so far always has $n_L$ rows. It
#   answers *how do the outputs change when the numbers at this stage do?* This is **reverse mode**, the next
#   lecture.
#
# **Predict.** A small network with a loss at its end has the widths 1000 → 100 → 100 → 1, so its Jacobians are
# $J_1$: 100 × 1000, $J_2$: 100 × 100 and $J_3$: 1 × 100. How many multiplications does $J_3(J_2J_1)$ take, and
# how many $(J_3J_2)J_1$?

# %%
from_the_input_end = ...  # your number for J3 (J2 J1)
from_the_output_end = ...  # your number for (J3 J2) J1


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: multiplications in either order
def multiplications(widths):
    """Multiplications for the Jacobian of a chain: from the input end, and from the output end."""
    stages = [rows * columns for columns, rows in pairwise(widths)]
    return widths[0] * sum(stages[1:]), widths[-1] * sum(stages[:-1])


forward, reverse = multiplications([1000, 100, 100, 1])
check_number(
    "J3 (J2 J1)",
    from_the_input_end,
    forward,
    "J2 J1 is 100 × 100 times 100 × 1000, and gives a 100 × 1000 matrix. J3 times that is 1 × 100 times 100 × 1000.",
)
check_number(
    "(J3 J2) J1",
    from_the_output_end,
    reverse,
    "J3 J2 is 1 × 100 times 100 × 100, and gives one row of 100. That row times J1 is 1 × 100 times 100 × 1000.",
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# from_the_input_end = 100 * 100 * 1000 + 1 * 100 * 1000
# from_the_output_end = 1 * 100 * 100 + 1 * 100 * 1000
# ```
#
# These are 10,100,000 and 110,000: a factor of 92.
#
# </details>

# %% [markdown]
# In general, the product starts with one Jacobian for free, and each further stage costs $n_k n_{k-1}$
# multiplications for every column (forward) or every row (reverse) that is carried along:
#
# $$\text{forward: } n_0 \sum_{k=2}^{L} n_k n_{k-1} \qquad\qquad \text{reverse: } n_L \sum_{k=1}^{L-1} n_k n_{k-1} .$$
#
# Some other chains:

# %%
print("widths                     from the input end   from the output end")
for widths in ([500, 50, 50, 1], [1, 50, 50, 500], [100, 100, 100, 100], [3, 100, 100, 2], [200, 100, 50, 200]):
    first_stages_first = widths[0] * sum(rows * columns for columns, rows in pairwise(widths[1:]))
    last_stages_first = widths[-1] * sum(rows * columns for columns, rows in pairwise(widths[:-1]))
    print(f"{' → '.join(map(str, widths)):24} {first_stages_first:>20,} {last_stages_first:>21,}")

# %% [markdown]
# The first two rows mirror each other: a factor of 46 either way. In the first four the end with fewer numbers is
# the cheaper one to start from, and equal ends cost the same. In the last one as many go in as come out, and the
# orders still differ: there the hidden widths $n_1 = 100$ and $n_2 = 50$ are not the same. With one width for
# both, 100, this is what happens while the outputs grow:

# %%
inputs = 200
outputs = np.arange(10, 2001, 10)
costs = np.array([multiplications([inputs, 100, 100, m]) for m in outputs])

fig, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
ax.loglog(outputs, costs[:, 0], color="#0072B2", label="from the input end (forward)")
ax.loglog(outputs, costs[:, 1], color="#C24A00", linestyle="--", label="from the output end (reverse)")
ax.axvline(inputs, color="#888888", linewidth=0.8)
ax.text(1.06 * inputs, costs.min(), "as many outputs as inputs", color="#555555")
ax.set(xlabel="outputs $m$", ylabel="multiplications", title=r"widths $200 \to 100 \to 100 \to m$")
ax.legend()
plt.show()

# %% [markdown]
# The two cross exactly where the outputs are as many as the inputs. The condition for that can be read off the
# formulas. Let $S = \sum_{k=2}^{L-1} n_k n_{k-1}$ be what both sums have in common. Then
#
# $$\text{forward} - \text{reverse} \;=\; (n_0 - n_L)\,S \;+\; n_0 n_L\,(n_{L-1} - n_1) .$$
#
# If the first and the last hidden width are equal, $n_1 = n_{L-1}$, and there are at least three stages, then
# the smaller of $n_0$ and $n_L$ decides and nothing else. If they are not, the crossing moves: for
# $200 \to 100 \to 50 \to m$ it is at $m = 66\tfrac{2}{3}$. (With two stages there is one product, and no choice.
# With four and more there are mixed orders too, and for a general graph it is NP-complete to find the cheapest
# of all: Naumann 2008. The two ends are what everyone uses.)
#
# A real sweep does not even form the $J_k$. Forward mode pushes one vector at a time through the stages,
# $J_L(\cdots(J_2(J_1\dot{x})))$. For the rest of this lecture we watch a single such push, number by number.

# %% [markdown]
# ## 2. One sweep, node by node
#
# Here is a function small enough to see all of it:
#
# $$f(x_1, x_2) = x_1 x_2 + \sin x_1, \qquad w_1 = \sin x_1,\quad w_2 = x_1 x_2,\quad f = w_2 + w_1 .$$
#
# Set the inputs in motion. Let $x_1$ and $x_2$ depend on some parameter $a$ (time, if you like) and write a dot
# for the velocity: $\dot{x}_1 = dx_1/da$, $\dot{x}_2 = dx_2/da$. Then every node moves, and its velocity is
# called its **tangent**. The chain rule gives the tangent of a node from its arguments alone, each argument's
# tangent times the local derivative:
#
# | node | value | tangent |
# |:---|:---|:---|
# | $w_1$ | $\sin x_1$ | $\dot{w}_1 = \dot{x}_1 \cos x_1$ |
# | $w_2$ | $x_1 x_2$ | $\dot{w}_2 = \dot{x}_1 x_2 + \dot{x}_2 x_1$ |
# | $f$ | $w_2 + w_1$ | $\dot{f} = \dot{w}_2 + \dot{w}_1$ |
#
# The velocities of the inputs are yours to choose. They are the **seed** $\dot{x}$. With $\dot{x} = (1, 0)$
# only $x_1$ moves, at speed 1, so what arrives at the output is $\dot{f} = \partial f / \partial x_1$.
#
# **Predict.** The widget below stands at $x = (2, 3)$ with the seed $(1, 0)$. It asks for each tangent before
# it shows it, and your answer goes into its field. Three digits are enough; $\cos 2 \approx -0.416$.

# %%
first = ADStepper("x1*x2 + sin(x1)", 2, 3, mode="forward", seed=(1, 0), predict=True)
first

# %% [markdown]
# When you are through, run the next cell. It counts your answers, and holds the whole sweep as a table: each
# value at the left, its tangent beside it. Read a row as *formula = numbers put in = result*.

# %%
sweep = sg.trace("x1*x2 + sin(x1)", 2, 3).forward_mode((1, 0))
tally(first, sweep)
fold(
    "The whole sweep, once you have predicted it",
    [sweep.text(), "", f"exactly:      {sweep.result}", f"x2 + cos(x1): {3 + math.cos(2)}"],
)

# %% [markdown]
# One pass from the inputs to the output gave the value *and* the derivative, and no formula for
# $\partial f/\partial x_1$ was ever written down. Each row used nothing but rows above it. So a tangent can be
# computed in the same breath as its value, and both can be forgotten as soon as the last node that reads them
# is done.
#
# The widget's meter *values held* shows that. After every step it counts the numbers that a later step still
# reads, and the results. Step back to the start and through once more: 4 at first, two inputs and their
# tangents; 6 after the first step; 4 after the second, which was the last to read $x_1$ and $x_2$; and 2 at the
# end, $f$ and $\dot{f}$.
#
# **In code** this sweep is `sg.jvp`, for *Jacobian-vector product*: it takes a function written in ordinary
# NumPy, the point and the seed, and returns the value and its tangent. Here at another point, $(0.5, 4)$:


# %%
def f(x1, x2):
    return x1 * x2 + np.sin(x1)


value, tangent = sg.jvp(f, (0.5, 4.0), (1.0, 0.0))
print("value and tangent:", value, tangent)
print("x2 + cos(x1):     ", 4 + math.cos(0.5))

# %% [markdown]
# ## 3. The seed is a direction
#
# One sweep gave one partial derivative. The other one needs another seed: step through it, and watch which
# terms become 0.

# %%
second = ADStepper("x1*x2 + sin(x1)", 2, 3, mode="forward", seed=(0, 1))
display(second)
print(second.text())

# %% [markdown]
# Nothing forces a seed to be a unit vector. The rules of the sweep are linear in the dots, so the seed
# $\dot{x} = (\dot{x}_1, \dot{x}_2)$ yields
#
# $$\dot{f} = \frac{\partial f}{\partial x_1}\,\dot{x}_1 + \frac{\partial f}{\partial x_2}\,\dot{x}_2
# = \nabla f \cdot \dot{x},$$
#
# the **directional derivative**: the slope you feel if you walk through the point in the direction $\dot{x}$.
#
# **Predict.** You know $\partial f/\partial x_1 = 2.584$ and $\partial f/\partial x_2 = 2$ at $(2, 3)$. What is
# $\dot{f}$ for $\dot{x} = (0.6, 0.8)$?

# %%
slope = ...  # your number, to within 0.005

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the slope along (0.6, 0.8)
check_number(
    "The slope along (0.6, 0.8)",
    slope,
    sg.jvp(f, (2.0, 3.0), (0.6, 0.8))[1],
    "Multiply each partial derivative by its part of the direction, and add.",
    within=0.005,
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# slope = 0.6 * 2.584 + 0.8 * 2
# ```
#
# </details>

# %% [markdown]
# The picture shows such a number as a slope, for another direction: $f$ along the straight line through $(2, 3)$,
# and the tangent that the sweep computed. (This is where the name *tangent* comes from.)

# %%
direction = (0.8, -0.6)
height, slope_there = sg.jvp(f, (2.0, 3.0), direction)
a = np.linspace(-2.5, 2.5, 101)

fig, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
ax.plot(a, f(2.0 + direction[0] * a, 3.0 + direction[1] * a), color="#1d2630", label=r"$f(x + a\,\dot{x})$")
ax.plot(a, height + slope_there * a, color="#0072B2", linestyle="--", label=r"slope $\dot{f}$ at $a = 0$")
ax.plot(0, height, "o", color="#0072B2")
ax.set(xlabel="$a$", title=rf"$\dot{{x}} = (0.8,\ -0.6)$:  $\dot{{f}} = {slope_there:.3f}$")
ax.legend()
plt.show()

# %% [markdown]
# So *one sweep per direction*, and for the whole gradient of a function of $n$ inputs $n$ sweeps, one for each
# unit vector. In the widgets above the seed stands beside the inputs: type a direction of your own and watch
# the tangents follow.

# %% [markdown]
# ## 4. Your own forward mode, with dual numbers
#
# Tie a value $v$ and its tangent $\dot{v}$ together as $v + \dot{v}\,\varepsilon$, where $\varepsilon$ is a
# symbol with $\varepsilon^2 = 0$. Then ordinary algebra does the differentiation:
#
# $$(v + \dot{v}\varepsilon) + (w + \dot{w}\varepsilon) = (v + w) + (\dot{v} + \dot{w})\,\varepsilon,$$
#
# $$(v + \dot{v}\varepsilon)\,(w + \dot{w}\varepsilon) = vw + (\ldots)\,\varepsilon, \qquad
# \sin(v + \dot{v}\varepsilon) = \sin v + (\ldots)\,\varepsilon .$$
#
# Multiply out the product, drop the term with $\varepsilon^2$, and the product rule stands there. The class
# below is a complete forward mode for our function but for two tangents. The sum is done; the product and the
# sine are yours.


# %%
class Dual:
    """A value and its tangent."""

    def __init__(self, value, tangent=0.0):
        self.value, self.tangent = value, tangent

    def __add__(self, other):
        return Dual(self.value + other.value, self.tangent + other.tangent)

    def __mul__(self, other):
        return Dual(self.value * other.value, ...)  # the product rule


def sin(x):
    return Dual(math.sin(x.value), ...)  # the chain rule


# %% [markdown]
# The check multiplies two duals, takes a sine, and then compares your tangent of $f$ with `sg.jvp` at several
# points and seeds.


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: your dual numbers
def right_tangent(name, dual, truth, how, mistakes):
    """Whether a tangent is right; for a known mistake say which it is."""
    if not isinstance(dual, Dual):
        print(f"{name}: not right yet. A Dual should come back; yours gives {dual!r}.")
        return False
    if dual.tangent is ...:
        print(f"{name}: its tangent is still to be written.")
        return False
    try:
        yours = number(dual.tangent)
    except (TypeError, ValueError) as complaint:
        print(f"{name}: not right yet. In the place of the tangent: {complaint}")
        return False
    if math.isclose(yours, truth):
        return True
    known = [says for wrong, says in mistakes.items() if math.isclose(yours, wrong)]
    says = f" {known[0]}" if known else ""
    print(f"{name}: not right yet. The tangent should be {how} = {truth:.4g}, yours is {yours:.4g}.{says}")
    return False


def check_dual():
    product = "The product, (2 + 1ε)·(3 + 10ε)"
    dual = attempt(product, lambda: Dual(2.0, 1.0) * Dual(3.0, 10.0))
    mistakes = {
        10.0: "You multiplied the two tangents; a product has two terms, with one tangent in each.",
        32.0: "Each tangent goes with the value of the other factor, not with its own.",
        11.0: "The tangents are added as in a sum; each has to be multiplied by the other factor's value first.",
        3.0: "The second term is missing: the other factor moves too.",
        20.0: "The first term is missing: this factor moves too.",
    }
    if dual is None or not right_tangent(product, dual, 23.0, "1·3 + 10·2", mistakes):
        return
    sine = "The sine, sin(2 + 10ε)"
    dual = attempt(sine, lambda: sin(Dual(2.0, 10.0)))
    mistakes = {
        math.cos(2): "The tangent of x is missing: by the chain rule it multiplies the cosine.",
        10 * math.sin(2): "The derivative of the sine is the cosine.",
        -10 * math.cos(2): "The sign is wrong: the derivative of the sine is +cos.",
        math.cos(10): "The cosine is taken of the value, not of the tangent.",
    }
    if dual is None or not right_tangent(sine, dual, 10 * math.cos(2), "10·cos 2", mistakes):
        return
    for x1, x2 in [(2.0, 3.0), (0.5, -1.5), (-1.0, 0.25)]:
        for seed in [(1.0, 0.0), (0.0, 1.0), (0.6, 0.8)]:
            d1, d2 = Dual(x1, seed[0]), Dual(x2, seed[1])
            whole = f"f at x = ({x1}, {x2}) with the seed {seed}"
            dual = attempt(whole, lambda d1=d1, d2=d2: d1 * d2 + sin(d1))
            theirs = sg.jvp(f, (x1, x2), seed)[1]
            if dual is None or not right_tangent(whole, dual, theirs, "what sg.jvp says", {}):
                return
    print("Right: your product, your sine and the whole of f agree with sg.jvp to nine digits,")
    print("f at 3 points with 3 seeds each.")


check_dual()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# class Dual:
#     """A value and its tangent."""
#
#     def __init__(self, value, tangent=0.0):
#         self.value, self.tangent = value, tangent
#
#     def __add__(self, other):
#         return Dual(self.value + other.value, self.tangent + other.tangent)
#
#     def __mul__(self, other):
#         return Dual(self.value * other.value, self.tangent * other.value + other.tangent * self.value)
#
#
# def sin(x):
#     return Dual(math.sin(x.value), x.tangent * math.cos(x.value))
# ```
#
# </details>

# %% [markdown]
# That is all of forward mode: a rule for each elementary operation, and Python's own order of evaluation does
# the rest. Loops and function calls need nothing extra, because a `Dual` travels through them as a number would
# (and for branches it only has to compare by its value). A library adds more rules, arrays, and care for
# derivatives of derivatives.
#
# *If you have time:* what would `Dual` need so that `3 * x` and `x - y` work? And `x / y`?

# %% [markdown]
# ## 5. The survey's table 2, and one that is not there
#
# The survey by Baydin, Pearlmutter, Radul and Siskind (2018) shows forward mode on
#
# $$y = \log x_1 + x_1 x_2 - \sin x_2 \quad\text{at } (2, 5), \text{ with the seed } (1, 0),$$
#
# in its table 2. Its values 0.693, 10, −0.959, 10.693, 11.652 and its tangents 0.5, 5, 0, 5.5, 5.5 should be
# yours as well. (The survey numbers its nodes differently: $v_{-1}$ and $v_0$ for the inputs, then $v_1$ to
# $v_5$.)

# %%
survey = ADStepper("log(x1) + x1*x2 - sin(x2)", 2, 5, mode="forward", seed=(1, 0))
display(survey)
print(survey.text())

# %% [markdown]
# **Predict.** The survey does not print the sweep for $\partial y/\partial x_2$. Fill it in, with the seed
# $(0, 1)$. The values at the left stay as they are; $\cos 5 \approx 0.284$. Each answer counts as right within
# 0.005.

# %%
tangents = {
    "w1": ...,  # of log x1
    "w2": ...,  # of x1·x2
    "w3": ...,  # of sin x2
    "w4": ...,  # of w1 + w2
    "f": ...,  # of w4 − w3
}

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the sweep for the seed (0, 1)
steps = sg.trace("log(x1) + x1*x2 - sin(x2)", 2, 5).forward_mode((0, 1)).steps
if isinstance(tangents, (list, tuple, np.ndarray)) and len(tangents) == len(steps):
    tangents = dict(zip((step.node for step in steps), tangents, strict=True))
if isinstance(tangents, dict):
    for step in steps:
        hint = f"The rule is {step.text.split(' = ')[1]}."
        check_number(f"The tangent of {step.node}", tangents.get(step.node, ...), step.value, hint, within=0.005)
else:
    print(f"tangents: not right yet. Five numbers are asked for, by the names w1, w2, w3, w4, f; this is {tangents!r}.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# tangents = {
#     "w1": 0,  # 0/2
#     "w2": 2,  # 0·5 + 1·2
#     "w3": 0.284,  # 1·cos 5
#     "w4": 2,  # 0 + 2
#     "f": 1.716,  # 2 − 0.284
# }
# ```
#
# </details>

# %% [markdown]
# In the widget above, click the node $x_2$ to seed it, and compare.

# %% [markdown]
# ## 6. How exact is it?
#
# The usual alternative evaluates $f$ twice and divides, $\bigl(f(x + h) - f(x)\bigr)/h$. A large step $h$ is
# wrong because $f$ is curved; a small one because two nearly equal numbers are subtracted, and their last
# digits are all that is left.
#
# **Predict.** Which step is best for $\partial f/\partial x_1$ at $(2, 3)$: $10^{-4}$, $10^{-8}$ or $10^{-12}$?
# And how many of the 16 digits does it get right, about?

# %%
best_step = ...  # 1e-4, 1e-8 or 1e-12
digits = ...  # a number from 0 to 16

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the best step
hint = "A large step suffers from the curve, a small one from the subtraction: where do the two meet?"
check_number("The best step", best_step, 1e-8, f"Write one of the three steps, such as 1e-4. {hint}")
check_number("Its right digits", digits, 8, "The error is about as large as the step.", within=1)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# best_step = 1e-8
# digits = 8
# ```
#
# Half of the digits: with smaller steps the subtraction loses more than the smaller step gains.
#
# </details>


# %%
def along_x1(x1):
    return x1 * 3 + math.sin(x1)


exact = Decimal("2.583853163452857613002431770499")  # 3 + cos 2, to 30 decimal places


def error(computed):
    return f"{float(abs(Decimal(computed) - exact)):.0e}"


lines = [f"h = {h:5.0e}    {error((along_x1(2 + h) - along_x1(2)) / h)}" for h in (1e-2, 1e-4, 1e-8, 1e-12, 1e-14)]
lines.append(f"tangent      {error(sg.jvp(f, (2.0, 3.0), (1.0, 0.0))[1])}")
fold("The errors of ∂f/∂x1 at (2, 3), once you have answered", lines)

# %% [markdown]
# A quotient of differences has a step, and you have to find a good one. The tangent has none: each of its rules
# is exact, and only rounding in the last digit remains. `sg.numeric` measures the whole curve:

# %%
curve = sg.numeric.error_curve(f, (2.0, 3.0), methods=("forward", "central"), steps=10.0 ** -np.arange(0, 16.1, 0.25))

fig, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
ax.loglog(curve.steps, curve.relative["forward"], color="#1d2630")
ax.loglog(curve.steps, curve.relative["central"], color="#888888", linestyle="--")
ax.axhline(np.finfo(float).eps, color="#0072B2")
ax.text(1e-6, 1e-4, "forward difference", ha="center", color="#1d2630")
ax.text(2e-3, 1e-9, "central difference", color="#666666")
ax.text(1e-16, 5e-16, "rounding of one number: forward mode stays here", color="#0072B2")
ax.set(xlabel="step $h$", ylabel="relative error of the gradient")
plt.show()

# %% [markdown]
# *Forward difference* and *forward mode* share a word and nothing else: the one subtracts two values of $f$,
# the other evaluates derivative rules.

# %% [markdown]
# ## 7. What it costs
#
# **Memory** is small. A tangent is needed exactly as long as its value is. So, counted after each step as the
# meter does, one sweep holds twice what evaluating $f$ holds while it forgets what it can, however long the
# computation is. Our function, and chains of sines, `sin(sin(…sin(x)))`:


# %%
def chain(depth):
    def sines(x):
        for _ in range(depth):
            x = np.sin(x)
        return x

    return sines


graphs = {"x1·x2 + sin x1": sg.trace("x1*x2 + sin(x1)", 2, 3)}
graphs |= {f"{depth} sines": sg.trace(chain(depth), 1.0) for depth in (10, 100, 1000)}
print("function         numbers held at most: evaluating   forward mode")
for name, graph in graphs.items():
    held = [max(step.live_values for step in sweep.steps) for sweep in (graph.primal(), graph.forward_mode())]
    print(f"{name:14} {held[0]:34} {held[1]:14}")

# %% [markdown]
# **Work** is where it hurts. One sweep costs a small multiple of one evaluation, in the example below three times
# as much. The gradient takes a sweep for each input, so its cost grows with their number $n$, on top of what $f$
# costs itself.
#
# **Predict.** For $f = \sin x_1 + x_1x_2 + x_2x_3 + \cdots + x_{n-1}x_n$ (with $n = 2$ it is our function) the
# evaluation costs 1 sine, $n-1$ products and $n-1$ sums. If $n$ doubles, by what factor does the cost of the
# gradient grow, about?

# %%
growth_forward = ...  # a factor

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the cost of the gradient when n doubles
hint = "How many more sweeps are there, and how much longer is each of them?"
check_number("The growth of the cost in forward mode", growth_forward, 4, hint, within=0.25)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# growth_forward = 2 * 2
# ```
#
# Twice as many sweeps, each twice as long. In the table below the factor is 4.2 at first and falls to 4.0.
#
# </details>


# %%
def neighbours(*x):
    total = np.sin(x[0])
    for left, right in pairwise(x):
        total = total + left * right
    return total


lines = ["inputs   evaluating f   one sweep   gradient: sweeps   operations"]
for n in (2, 4, 8, 16, 32, 64):
    graph = sg.trace(neighbours, *[0.5] * n)
    sweep, gradient = graph.forward_mode(), graph.cost("forward")
    evaluation = graph.primal().steps[-1].operations
    lines.append(
        f"{n:6} {evaluation:14} {sweep.steps[-1].operations:11} {gradient.sweeps:18} {gradient.operations:12,}"
    )
fold("The cost for 2 to 64 inputs, once you have answered", lines)

# %% [markdown]
# An operation here is one elementary function, product or sum. The last column counts the evaluation of $f$
# once, since all the sweeps share it.
#
# A network with a million weights has a million inputs in this sense, and its loss is one number. A million
# sweeps for one step of training is out of the question. Section 1 already has the way out: start from the
# end with fewer numbers.

# %% [markdown]
# ## Summary
#
# | | forward mode |
# |:---|:---|
# | carries | with each value $w$ a tangent $\dot{w} = dw/da$ |
# | rule at a node | $\dot{w} = \sum_j \frac{\partial w}{\partial v_j}\,\dot{v}_j$ over its arguments $v_j$ |
# | seed | $\dot{x}$, a direction in the space of inputs |
# | one sweep gives | $J\dot{x}$: the tangents of *all* outputs along *one* direction |
# | whole Jacobian | $n$ sweeps for $n$ inputs, whatever the number of outputs |
# | memory of a sweep | twice what evaluating $f$ holds, whatever the length of the computation |
# | error | rounding only |
# | in code | `sg.jvp(f, primals, tangents)` |
#
# **Next:** [Lecture 04, reverse mode](04_reverse_mode.ipynb), which gets all partial derivatives from one
# sweep, and what it pays for that. **Back to** [Lecture 02](02_computational_graphs.ipynb), computational graphs.
#
# **Further reading.** A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind, *Automatic differentiation
# in machine learning: a survey*, JMLR 18 (2018). A. Griewank, A. Walther, *Evaluating Derivatives*, 2nd ed.,
# SIAM (2008), chapter 3. R. E. Wengert, *A simple automatic derivative evaluation program*, CACM 7 (1964), the
# two pages with which it began. U. Naumann, *Optimal Jacobian accumulation is NP-complete*, Mathematical
# Programming 112 (2008).
