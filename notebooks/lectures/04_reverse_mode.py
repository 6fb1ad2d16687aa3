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
# # Reverse mode: one sweep back for all partial derivatives
#
# *Lecture 04 · about 40 minutes · you need sections 1 and 2 of [Lecture 03, forward mode](03_forward_mode.ipynb)*
#
# **Open in** JupyterLab: `make lab` in a clone of stepgrad, or `stepgrad lab` where it is installed.
#
# Forward mode needs a sweep for every input. A network has millions of inputs (its weights) and one output (its
# loss). Reverse mode turns the question round and gets the whole gradient from a single sweep. In deep learning
# it goes by the name of *backpropagation*.
#
# Afterwards you can
#
# 1. carry adjoints back through a graph by hand, and say why contributions add where paths meet;
# 2. name what has to be stored for the way back, and how that grows;
# 3. write reverse mode yourself, on a recorded list;
# 4. say why a value that is used again and again costs nothing extra;
# 5. choose between the two modes from the number of inputs and outputs alone.
#
# Run the cells from the top with <kbd>Shift</kbd>+<kbd>Enter</kbd>. Where a cell holds `...`, it is your turn:
# put your answer there, run the cell again, and the check below it says what is right and what is not.

# %%
import sys
from importlib.util import find_spec

from IPython import get_ipython

if "google.colab" in sys.modules and find_spec("stepgrad") is None:
    get_ipython().run_line_magic("pip", "install --quiet stepgrad")

# %%
import math
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

import stepgrad as sg
from stepgrad.widgets import ADStepper

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False})

# %% [markdown]
# ## 1. Ask from the other end
#
# The function is the one of the last lecture,
#
# $$f(x_1, x_2) = x_1 x_2 + \sin x_1, \qquad w_1 = \sin x_1,\quad w_2 = x_1 x_2,\quad f = w_2 + w_1 .$$
#
# A tangent $\dot{w} = dw/da$ says how a node answers to what happens *before* it. The **adjoint** says how what
# comes *after* it answers to the node:
#
# $$\bar{w} = \frac{\partial f}{\partial w}.$$
#
# The output is easy: $\bar{f} = \partial f/\partial f = 1$. That is the seed. From there the chain rule leads
# backwards. A node $v$ influences $f$ only through the nodes that read it, so it collects from each of those
#
# $$\bar{v} = \sum_{w \text{ reads } v} \bar{w}\,\frac{\partial w}{\partial v}.$$
#
# The same local derivatives as in forward mode, used in the opposite direction:
#
# | node | its value | what it sends back |
# |:---|:---|:---|
# | $f$ | $w_2 + w_1$ | $\bar{f}$ to $w_2$ and $\bar{f}$ to $w_1$ |
# | $w_2$ | $x_1 x_2$ | $\bar{w}_2\, x_2$ to $x_1$ and $\bar{w}_2\, x_1$ to $x_2$ |
# | $w_1$ | $\sin x_1$ | $\bar{w}_1 \cos x_1$ to $x_1$ |
#
# **Predict.** In the widget below the values are known, and the sweep back begins. It asks for each adjoint
# before it shows it. Where several contributions arrive, it asks for the sum so far. Again $x = (2, 3)$ and
# $\cos 2 \approx -0.416$.

# %%
first = ADStepper("x1*x2 + sin(x1)", 2, 3, mode="reverse", predict=True, position=3)
first

# %% [markdown]
# Here is the sweep as a table. At the left the values, from top to bottom as always. At the right the adjoints
# in the order in which they are computed; `+=` marks a contribution that is added to one that came before, and
# the arrow shows the sum.

# %%
print(first.text())
print()
for name, derivative in first.result["gradient"].items():
    print(f"∂f/∂{name} = {derivative}")

# %% [markdown]
# One sweep back, and *both* partial derivatives are there: the same numbers for which forward mode needed two
# sweeps. (Press **Compare** in the widget to have both modes side by side, on one cursor.)

# %% [markdown]
# ## 2. Where paths meet, contributions add
#
# $x_1$ is read twice, by the product and by the sine. So its adjoint arrives in two parts:


# %%
def f(x1, x2):
    return x1 * x2 + np.sin(x1)


sweep = sg.trace(f, 2, 3).reverse_mode()
for step in sweep.steps:
    if step.phase == "adjoint" and step.node == "x1":
        print(f"from {step.source}:  {step.text:36} arrived so far: {sum(step.contributions):.3f}")
print("exactly: 3 + cos 2 =", 3 + math.cos(2))

# %% [markdown]
# Why add? Nudge $x_1$ by a little. The product changes and the sine changes, and to first order $f$ feels the
# sum of both. Follow the edges: each **path** from an input to the output contributes the product of the local
# derivatives along it, and the partial derivative is the sum over all paths.
#
# | path | product of the local derivatives | at $(2, 3)$ |
# |:---|:---|---:|
# | $x_1 \to w_2 \to f$ | $x_2 \cdot 1$ | $3$ |
# | $x_1 \to w_1 \to f$ | $\cos x_1 \cdot 1$ | $-0.416$ |
# | **sum:** $\partial f / \partial x_1$ | $x_2 + \cos x_1$ | $\mathbf{2.584}$ |
# | $x_2 \to w_2 \to f$ | $x_1 \cdot 1$ | $2$ |
#
# This also fixes the order. A node may pass its adjoint on only when everything that reads it has sent its
# contribution. Walking the operations in the reverse of the order in which they were computed guarantees that.
#
# **Predict.** For $g(x) = x \cdot x$, both factors are the same node. How many contributions reach $x$ at
# $x = 5$, and what is each of them? Then run the cell.

# %%
print(sg.trace(lambda x: x * x, 5).reverse_mode().text())

# %% [markdown]
# ## 3. What has to be kept for the way back
#
# The rules of the sweep back read values of the way there: $\bar{w}_2\,x_2$ needs $x_2$, long after the product
# was computed. Forward mode could forget it. Reverse mode has to store it.
#
# **Predict.** Our function has the values $x_1$, $x_2$, $w_1$, $w_2$ and $f$. Which of them does the sweep back
# read? Put their names into the set.

# %%
read_again = ...  # a set such as {"x1", "f"}

# %%
in_the_rules = {
    name
    for step in sg.trace(f, 2, 3).reverse_mode().steps
    if step.phase == "adjoint"
    for name in step.numbers
    if not name.startswith("bar ")
}
if read_again is ...:
    print("which values are read again: still to be answered")
else:
    wrong, missing = read_again - in_the_rules, in_the_rules - read_again
    assert not wrong, f"{min(wrong)} appears in no rule: look at 'what it sends back' in the table of section 1"
    assert not missing, f"{min(missing)} is missing: one of the rules in the table of section 1 multiplies by it"
    print("Right: the product needs both factors and the sine its argument. The sum needs nothing.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# read_again = {"x1", "x2"}
# ```
#
# </details>

# %% [markdown]
# What an operation must keep depends on its local derivatives:
#
# | operation | local derivatives | kept for the way back |
# |:---|:---|:---|
# | $a + b$ | $1$, $1$ | nothing |
# | $a \cdot b$ | $b$, $a$ | both arguments |
# | $\sin a$ | $\cos a$ | its argument |
# | $y = e^a$ | $y$ | its own value |
# | $y = \tanh a$ | $1 - y^2$ | its own value |
#
# The widget's meter counts the numbers that still have to be held, values and adjoints together. In this small
# graph it hardly moves. Its shape appears in a longer one, a chain of twenty sines:


# %%
def chain(depth):
    def sines(x):
        for _ in range(depth):
            x = np.sin(x)
        return x

    return sines


graph = sg.trace(chain(20), 1.0)
held_forward = [step.live_values for step in graph.forward_mode().steps]
held_reverse = [step.live_values for step in graph.reverse_mode().steps]

fig, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
ax.step(range(1, len(held_reverse) + 1), held_reverse, where="mid", color="#C24A00", label="reverse mode")
ax.step(range(1, len(held_forward) + 1), held_forward, where="mid", color="#0072B2", label="forward mode")
ax.axvline(20.5, color="#888888", linewidth=0.8)
ax.text(20, 12, "values ", ha="right", color="#555555")
ax.text(21, 12, " adjoints", color="#555555")
ax.set(xlabel="step", ylabel="numbers held", ylim=(0, None))
ax.legend(loc="upper right")
plt.show()

# %%
print("depth   numbers held at most: forward mode   reverse mode")
for depth in (10, 100, 1000):
    graph = sg.trace(chain(depth), 1.0)
    held = [max(step.live_values for step in sweep.steps) for sweep in (graph.forward_mode(), graph.reverse_mode())]
    print(f"{depth:5} {held[0]:36} {held[1]:14}")

# %% [markdown]
# A mountain: it rises while the values are computed and stored, and falls while the adjoints use them up. Its
# height grows with the length of the computation. This is why training a deep network takes so much more memory
# than running it. (Storing only some values and computing the others again is called *checkpointing*: it trades
# work for memory.)

# %% [markdown]
# ## 4. Your own reverse mode, on a recorded list
#
# Every `Number` below appends itself to a list, `record`, when it is computed. With it stands what the way back
# will need: for each argument a pair *(argument, local derivative)*. Two places are left to you: the product's
# local derivatives, and the line at the heart of `backward`, in which two things are missing. What arrives at
# an argument through an edge, and what becomes of what had arrived before?

# %%
record = []


class Number:
    """A value that remembers what it was made of."""

    def __init__(self, value, made_of=()):
        self.value, self.made_of, self.adjoint = value, made_of, 0.0
        record.append(self)

    def __add__(self, other):
        return Number(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return Number(self.value * other.value, [(self, ...), (other, ...)])  # two local derivatives


def sin(x):
    return Number(math.sin(x.value), [(x, math.cos(x.value))])


def backward(output):
    output.adjoint = 1.0
    for node in reversed(record):
        for argument, derivative in node.made_of:
            argument.adjoint = derivative  # two things are missing in this line


# %% [markdown]
# The check looks at the product alone, then at `backward` on graphs in which one thing each can go wrong, and
# at last compares with `sg.grad`.


# %%
def gradient(function, *values):
    """The adjoints that your engine gives for a function of Numbers."""
    record.clear()
    inputs = [Number(value) for value in values]
    backward(function(*inputs))
    return [x.adjoint for x in inputs]


def expect(what, yours, truth, mistakes):
    """Compare the first entry; for a known mistake say which it is."""
    known = [says for wrong, says in mistakes.items() if math.isclose(yours[0], wrong, abs_tol=1e-12)]
    says = f" {known[0]}" if known else ""
    assert math.isclose(yours[0], truth), (
        f"{what}: the adjoint of x1 should be {truth:.4g}, yours is {yours[0]:.4g}.{says}"
    )


def check_engine():
    (_, first), (_, second) = (Number(2.0) * Number(3.0)).made_of
    if first is ... or second is ...:
        return "Number.__mul__: its local derivatives are still to be written"
    assert (first, second) != (2.0, 3.0), "2·3: the derivative by one factor is the *other* factor; yours are swapped"
    assert (first, second) == (3.0, 2.0), f"2·3: the local derivatives are 3 and 2, yours are {first} and {second}"

    replaced = "The last contribution replaced the one before it: they have to be added."
    mistakes = {
        3.0: replaced,
        math.cos(2): replaced,
        2.0: "The local derivative is missing: a contribution is node.adjoint times the derivative.",
    }
    yours = gradient(lambda x1, x2: x1 * x2 + sin(x1), 2.0, 3.0)
    expect("x1·x2 + sin(x1) at (2, 3)", yours, 3 + math.cos(2), mistakes)
    mistakes = {3.0: "The node's own adjoint is missing: a contribution is node.adjoint times the derivative."}
    expect("sin(x1·x2) at (2, 3)", gradient(lambda x1, x2: sin(x1 * x2), 2.0, 3.0), 3 * math.cos(6), mistakes)
    expect("x1·x1 at 5", gradient(lambda x1: x1 * x1, 5.0), 10.0, {5.0: replaced})

    for x1, x2 in [(2.0, 3.0), (0.5, -1.5), (-1.0, 0.25)]:
        yours, theirs = gradient(lambda x1, x2: x1 * x2 + sin(x1), x1, x2), sg.grad(f, (0, 1))(x1, x2)
        assert np.allclose(yours, theirs), f"at x = ({x1}, {x2}): yours is {yours}, sg.grad says {theirs}"
    return "Your engine and sg.grad agree at 3 points."


print(check_engine())

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# record = []
#
#
# class Number:
#     """A value that remembers what it was made of."""
#
#     def __init__(self, value, made_of=()):
#         self.value, self.made_of, self.adjoint = value, made_of, 0.0
#         record.append(self)
#
#     def __add__(self, other):
#         return Number(self.value + other.value, [(self, 1.0), (other, 1.0)])
#
#     def __mul__(self, other):
#         return Number(self.value * other.value, [(self, other.value), (other, self.value)])
#
#
# def sin(x):
#     return Number(math.sin(x.value), [(x, math.cos(x.value))])
#
#
# def backward(output):
#     output.adjoint = 1.0
#     for node in reversed(record):
#         for argument, derivative in node.made_of:
#             argument.adjoint += node.adjoint * derivative
# ```
#
# </details>

# %% [markdown]
# The recorded list is often called a *tape* or *Wengert list*. Because a node can only be made of nodes that
# already exist, the list is in topological order by itself, and `reversed` is all the ordering that reverse
# mode needs.

# %% [markdown]
# ## 5. Forty doublings, a trillion paths
#
# Section 2 said: sum over all paths. The number of paths can be enormous. Start with $x$ and compute
# $y = y + y$ again and again: each sum reads the node before it twice, so every step doubles the number of
# paths.
#
# **Predict.** After forty doublings there are $2^{40} \approx 10^{12}$ paths from $x$ to $f$. How many
# contributions does the sweep back compute?


# %%
def doublings(times):
    def doubled(y):
        for _ in range(times):
            y = y + y
        return y

    return doubled


print("doublings             paths   contributions        derivative")
for times in (1, 2, 5, 10, 40):
    sweep = sg.trace(doublings(times), 1.0).reverse_mode()
    contributions = sum(step.phase == "adjoint" for step in sweep.steps)
    print(f"{times:9} {2**times:17,} {contributions:15} {sweep.result[0]:17,.0f}")

# %% [markdown]
# Two at each node, 80 in all. The sweep visits every node once, after all that reads it, and by then the paths
# behind it have been summed into one number, its adjoint. The work is proportional to the number of *edges*,
# not of paths. Following each path by itself is what goes wrong in a recursive implementation that pushes each
# contribution on as soon as it arrives.
#
# If your engine is done: `gradient(doublings(40), 1.0)` takes no time at all.

# %% [markdown]
# ## 6. The survey's table 3
#
# The survey by Baydin, Pearlmutter, Radul and Siskind (2018) shows reverse mode on
# $\log x_1 + x_1 x_2 - \sin x_2$ at $(2, 5)$. Compute the adjoints with pencil and paper, then let the widget
# ask for them: $\cos 5 \approx 0.284$.

# %%
survey = ADStepper("log(x1) + x1*x2 - sin(x2)", 2, 5, mode="reverse", predict=True, position=5)
survey

# %%
right = [answer for answer in survey.answers if answer["correct"]]
skipped = [answer for answer in survey.answers if answer["skipped"]]
print(f"answered rightly: {len(right)} of 9, skipped: {len(skipped)}")

# %% [markdown]
# The published numbers are $\bar{y} = 1$; then $1$, $-1$, $1$, $1$ for the four nodes in between;
# $\bar{x}_2 = -0.284 + 2 = 1.716$ and $\bar{x}_1 = 5 + 0.5 = 5.5$. The table below is the same one with our
# names. (The survey prints its adjoints beside the values they belong to and reads them from the bottom up.)

# %%
print(survey.text())

# %% [markdown]
# ## 7. Which mode, when
#
# Take again $f = \sin x_1 + x_1x_2 + x_2x_3 + \cdots + x_{n-1}x_n$, whose gradient cost forward mode four times
# as much whenever $n$ doubled.
#
# **Predict.** And reverse mode?


# %%
def neighbours(*x):
    total = np.sin(x[0])
    for left, right in pairwise(x):
        total = total + left * right
    return total


print("inputs   evaluating f   forward mode: sweeps   operations   reverse mode: sweeps   operations")
for n in (2, 4, 8, 16, 32, 64):
    graph = sg.trace(neighbours, *[0.5] * n)
    row = f"{n:6} {graph.primal().steps[-1].operations:14}"
    for mode in ("forward", "reverse"):
        cost = graph.cost(mode)
        row += f" {cost.sweeps:22} {cost.operations:12,}"
    print(row)

# %% [markdown]
# Twice as much: reverse mode takes about two and a half times the operations of $f$ itself, for any $n$. That
# holds in general. The gradient of any program costs at most a small constant times the program (no more than 5
# in the usual ways of counting), however many inputs it has. This *cheap gradient principle* (Baur and Strassen
# 1983) is what makes it possible to train networks at all.
#
# With several outputs it is the mirror image: forward mode needs a sweep for each of the $n$ inputs, reverse
# mode one for each of the $m$ outputs. A layer with $n = 8$ inputs, 16 hidden units and $m$ outputs:

# %%
rng = np.random.default_rng(0)
W1 = rng.standard_normal((16, 8))

print("inputs   outputs   forward mode: sweeps   operations   reverse mode: sweeps   operations")
for m in (1, 2, 8, 32):
    W2 = rng.standard_normal((m, 16))
    graph = sg.trace(lambda x, W2=W2: W2 @ np.tanh(W1 @ x), np.ones(8))
    row = f"{8:6} {m:9}"
    for mode in ("forward", "reverse"):
        cost = graph.cost(mode)
        row += f" {cost.sweeps:22} {cost.operations:12,}"
    print(row)

# %% [markdown]
# Fewer outputs than inputs: reverse. More: forward. As many: in this layer the operations are equal, and
# forward mode needs less memory. A loss is one output, so in training the answer is always the same.

# %% [markdown]
# ## 8. In code: `grad`, `vjp` and `backward`
#
# Three ways to say it. `sg.grad` gives the gradient of a function. `sg.vjp` (*vector-Jacobian product*) gives
# the value and a function that sweeps back with a seed of your choice. And `Tensor.backward` sweeps back from a
# result that you computed step by step, in the style of PyTorch:

# %%
print("grad:    ", sg.grad(f, (0, 1))(2.0, 3.0))

value, pullback = sg.vjp(f, 2.0, 3.0)
print("vjp:     ", pullback(1.0))

x1, x2 = sg.Tensor(2.0, name="x1"), sg.Tensor(3.0, name="x2")
y = x1 * x2 + np.sin(x1)
y.backward()
print("backward:", (x1.grad, x2.grad))
y.backward()
print("again:   ", (x1.grad, x2.grad))
y.backward(accumulate=True)
print("added:   ", (x1.grad, x2.grad))

# %% [markdown]
# Called again, `backward` gives the same gradient; with `accumulate=True` it adds to what is there, as PyTorch
# always does. How do you know a gradient is right? Hold it against numbers that were found in another way:
# `sg.check_grad` compares both modes with each other and with central differences, and names the worst entry if
# they differ.

# %%
sg.check_grad(f, 2.0, 3.0)
print("Both modes and central differences agree.")

# %% [markdown]
# ## 9. A look ahead: gates have habits
#
# Here is another function, and a larger graph: $f = 2\,(xy + \max(z, w))$ at $x = 3$, $y = -4$, $z = 2$,
# $w = -1$.
#
# **Predict**, before you step: which input gets the adjoint 0? Which gets a multiple of its neighbour's value?
# And what does the sum do to the adjoint that comes in?


# %%
def gates(x, y, z, w):
    return 2 * (x * y + np.maximum(z, w))


patterns = ADStepper(gates, 3, -4, 2, -1, mode="reverse", predict=True, position=4)
patterns

# %%
print(patterns.text())

# %% [markdown]
# The sum hands its adjoint on unchanged to both sides, a *distributor*. The maximum sends all of it to the
# larger argument and nothing to the other, a *router*. The product gives each factor a multiple of the other
# one, a *switcher*. (At a tie, $z = w$, someone has to choose: here the first argument wins.) With these three
# habits you can read a gradient off a graph without writing a formula.

# %% [markdown]
# ## Summary
#
# | | forward mode | reverse mode |
# |:---|:---|:---|
# | carries | tangents $\dot{w} = dw/da$ | adjoints $\bar{w} = \partial f/\partial w$ |
# | rule | $\dot w = \sum_j \dot v_j\,\partial w/\partial v_j$ | $\bar v = \sum_i \bar w_i\,\partial w_i/\partial v$ |
# | the sum is over | what $w$ reads | what reads $v$ |
# | seed | $\dot{x}$ at the inputs | $\bar{f} = 1$ at the output |
# | one sweep gives | $J\dot{x}$, along one direction | $J^{\mathsf{T}}\bar{f}$, for one output: a whole gradient |
# | whole Jacobian | $n$ sweeps | $m$ sweeps |
# | memory | twice that of evaluating $f$ | grows with the length of the computation |
# | in code | `sg.jvp` | `sg.grad`, `sg.vjp`, `Tensor.backward` |
#
# **Back to** [Lecture 03, forward mode](03_forward_mode.ipynb).
#
# **Further reading.** A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind, *Automatic differentiation
# in machine learning: a survey*, JMLR 18 (2018). A. Griewank, A. Walther, *Evaluating Derivatives*, 2nd ed.,
# SIAM (2008), chapters 3 and 4. W. Baur, V. Strassen, *The complexity of partial derivatives*, Theoretical
# Computer Science 22 (1983). S. Linnainmaa, *Taylor expansion of the accumulated rounding error*, BIT 16
# (1976), after his thesis of 1970, one of the first descriptions of the sweep back.
