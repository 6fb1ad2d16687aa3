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
# # Lecture 04 · Reverse mode: an adjoint for every value
#
# *About 45 minutes · you need sections 1 and 2 of [Lecture 03](03_forward_mode.ipynb)*
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
# 5. say how many sweeps each of the two modes needs, and what else decides between them.
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
import re
import unicodedata
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

import stepgrad as sg
from stepgrad.homework import attempt, check_number, fold, number, tally
from stepgrad.widgets import ADStepper

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False})

# %% [markdown]
# ## 1. One sweep back, node by node
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
# before it shows it, and your answer goes into its field. Where several contributions arrive, it asks for the
# sum so far. Again $x = (2, 3)$ and $\cos 2 \approx -0.416$.

# %%
first = ADStepper("x1*x2 + sin(x1)", 2, 3, mode="reverse", predict=True, position=3)
first

# %% [markdown]
# When you are through, run the next cell. It counts your answers, and holds the sweep as a table: at the left the
# values, from top to bottom as always, at the right the adjoints in the order in which they are computed. `+=`
# marks a contribution that is added to one that came before, and the arrow shows the sum.

# %%
sweep = sg.trace("x1*x2 + sin(x1)", 2, 3).reverse_mode()
tally(first, sweep)
exactly = [f"∂f/∂{name} = {adjoint}" for name, adjoint in zip(("x1", "x2"), sweep.result, strict=True)]
fold("The whole sweep, once you have predicted it", [sweep.text(), "", *exactly])

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


lines = [
    f"from {step.source}:  {step.text:36} arrived so far: {sum(step.contributions):.3f}"
    for step in sg.trace("x1*x2 + sin(x1)", 2, 3).reverse_mode().steps
    if step.phase == "adjoint" and step.node == "x1"
]
fold("What arrives at x1, at the point of the widget", [*lines, f"exactly: 3 + cos 2 = {3 + math.cos(2)}"])

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
# $x = 5$, and what is each of them?

# %%
arriving = ...  # how many contributions
each = ...  # the number that each of them is

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: contributions of x·x
check_number("The contributions that reach x", arriving, 2, "One comes through every edge, and x is both arguments.")
check_number("Each contribution", each, 5, "It is the adjoint 1 times the other factor.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# arriving = 2
# each = 5
# ```
#
# </details>

# %%
fold("The sweep of x·x at 5, once you have answered", sg.trace("x*x", 5).reverse_mode().text())

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


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: what the sweep back reads
def names(answer):
    """An answer as a set of names; an error says what is wrong with it."""
    if isinstance(answer, str):
        answer = re.findall(r"\w+", answer)
    try:
        parts = list(answer)
    except TypeError:
        raise TypeError(f'{answer!r} is not a set of names: write one such as {{"x1", "f"}}.') from None
    for part in parts:
        if not isinstance(part, str):
            raise TypeError(f'{part!r} is not a name: write names in quotation marks, such as {{"x1", "f"}}.')
    return {unicodedata.normalize("NFKC", part).strip().lower() for part in parts}


def check_read_again():
    if read_again is ...:
        return "The values that are read again: still to be answered."
    try:
        yours = names(read_again)
    except TypeError as complaint:
        return f"The values that are read again: not right yet. {complaint}"
    graph = sg.trace("x1*x2 + sin(x1)", 2, 3)
    steps = [step for step in graph.reverse_mode().steps if step.phase == "adjoint"]
    truth = {name for step in steps for name in step.numbers if not name.startswith("bar ")}
    said = []
    if unknown := sorted(yours - {node.label for node in graph.nodes}):
        said.append(f"There is no value {', '.join(unknown)}; the five are x1, x2, w1, w2 and f.")
    elif wrong := sorted(yours - truth):
        said.append(f"Of {', '.join(wrong)} no rule reads the value: see 'what it sends back' in section 1.")
    if missing := len(truth - yours):
        said.append(f"Missing: {missing}. Look for the values that a rule in the table of section 1 multiplies by.")
    if said:
        return f"The values that are read again: not right yet. {' '.join(said)}"
    return (
        "The values that are read again: right. The product needs both factors, the sine its argument, the sum nothing."
    )


print(check_read_again())

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
# The widget's meter *values held* counts, after every step, the numbers that still have to be held: those that a
# later step reads, and the results ($f$ and the adjoints of the inputs, in forward mode $f$ and $\dot{f}$). In the
# small graph of section 1 reverse mode holds at most 5, and forward mode at most 6: $x_1$, $x_2$, $w_1$ and their
# three tangents. So there reverse mode does not need more. What it needs grows with the length:
#
# **Predict.** A chain of eight sines, $f = \sin(\sin(\ldots\sin(x)))$. Every sine's argument is read on the way back.
# How many numbers does forward mode hold at most, after any of its steps? And reverse mode? (The most is held right
# after the seed $\bar{f} = 1$.)

# %%
most_forward = ...  # values and tangents
most_reverse = ...  # values and adjoints

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: numbers held in a chain of eight sines
eight = sg.trace("sin(" * 8 + "x" + ")" * 8, 1)
hints = (
    "Each sine reads the value before it and its tangent, and then both can be forgotten.",
    "Count what later steps read: the arguments of all eight sines and the adjoint of f. Then f, which is a result.",
)
for mode, answer, hint in zip(("forward", "reverse"), (most_forward, most_reverse), hints, strict=True):
    most = eight.cost(mode).bytes // 8  # at 8 bytes a number
    check_number(f"The most that {mode} mode holds", answer, most, hint)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# most_forward = 2
# most_reverse = 8 + 1 + 1
# ```
#
# Forward mode: a value and its tangent. Reverse mode: the arguments of the eight sines, $f$ and $\bar{f}$.
#
# </details>

# %%
eight_sines = ADStepper("sin(" * 8 + "x" + ")" * 8, 1, mode="compare", controls=["player", "meter"])
eight_sines

# %% [markdown]
# Play it, and watch the two meters. The forward one stands at 2 from the first step to the last. The reverse one
# climbs by one with each sine, from 1 to 9, has its peak of 10 at the seed, and falls by one with each adjoint, down
# to 2: $f$ and $\bar{x}$. With twenty sines:


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
graphs = {"x1·x2 + sin x1": sg.trace("x1*x2 + sin(x1)", 2, 3)}
graphs |= {f"{depth} sines": sg.trace(chain(depth), 1.0) for depth in (8, 20, 100, 1000)}
print("function         numbers held at most: forward mode   reverse mode")
for name, graph in graphs.items():
    held = [graph.cost(mode).bytes // 8 for mode in ("forward", "reverse")]  # at 8 bytes a number
    print(f"{name:14} {held[0]:36} {held[1]:14}")

# %% [markdown]
# A mountain: it rises while the values are computed and stored, and falls while the adjoints use them up. In a
# chain of $L$ sines its height is $L + 2$, against 2 in forward mode. What counts is not the length as such but how
# many values the rules read again: a chain of sums would store nothing. In a deep network nearly every layer has
# values to store, and so training it takes much more memory than running it, as long as all of them are kept.
# (Storing only some values and computing the others again is called *checkpointing*: it trades work for memory.)

# %% [markdown]
# ## 4. Your own reverse mode, with a recorded list
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


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: your reverse mode
def gradient(function, *values):
    """The adjoints that your engine gives for a function of Numbers."""
    record.clear()
    inputs = [Number(value) for value in values]
    backward(function(*inputs))
    return [x.adjoint for x in inputs]


def right_adjoints(what, function, values, truth, mistakes):
    """Whether the adjoints are right; for a known mistake say which it is."""
    found = attempt(what, lambda: gradient(function, *values))
    if found is None:
        return False
    for i, (adjoint, true) in enumerate(zip(found, truth, strict=True), start=1):
        try:
            yours = number(adjoint)
        except (TypeError, ValueError) as complaint:
            print(f"{what}: not right yet. In the place of the adjoint of x{i}: {complaint}")
            return False
        if not math.isclose(yours, true, abs_tol=1e-12):
            known = [says for wrong, says in mistakes.items() if math.isclose(yours, wrong, abs_tol=1e-12)]
            says = f" {known[0]}" if known else ""
            print(f"{what}: not right yet. The adjoint of x{i} should be {true:.4g}, yours is {yours:.4g}.{says}")
            return False
    return True


def right_product():
    what = "The product, 2·3"
    made = attempt(what, lambda: [derivative for _, derivative in (Number(2.0) * Number(3.0)).made_of])
    if made is None:
        return False
    if any(derivative is ... for derivative in made):
        print(f"{what}: its local derivatives are still to be written.")
        return False
    try:
        pair = tuple(number(derivative) for derivative in made)
    except (TypeError, ValueError) as complaint:
        print(f"{what}: not right yet. In the place of a local derivative: {complaint}")
        return False
    if pair == (3.0, 2.0):
        return True
    swapped = " They are swapped: the derivative by one factor is the *other* factor." if pair == (2.0, 3.0) else ""
    print(f"{what}: not right yet. The local derivatives should be 3 and 2, yours are {made}.{swapped}")
    return False


def check_engine():
    replaced = "The last contribution replaced the one before it: they have to be added."
    derivative = "The local derivative is missing: a contribution is node.adjoint times the derivative."
    adjoint = "The node's own adjoint is missing: a contribution is node.adjoint times the derivative."
    tests = [
        (
            "x1·x2 + sin x1 at (2, 3)",
            lambda x1, x2: x1 * x2 + sin(x1),
            (2.0, 3.0),
            (3 + math.cos(2), 2.0),
            {3.0: replaced, math.cos(2): replaced, 2.0: derivative},
        ),
        (
            "sin(x1·x2) at (2, 3)",
            lambda x1, x2: sin(x1 * x2),
            (2.0, 3.0),
            (3 * math.cos(6), 2 * math.cos(6)),
            {3.0: adjoint},
        ),
        ("x1·x1 at 5", lambda x1: x1 * x1, (5.0,), (10.0,), {5.0: replaced}),
    ]
    for x1, x2 in [(0.5, -1.5), (-1.0, 0.25)]:
        truth = sg.grad(f, (0, 1))(x1, x2)
        tests.append((f"x1·x2 + sin x1 at ({x1}, {x2})", lambda x1, x2: x1 * x2 + sin(x1), (x1, x2), truth, {}))
    if right_product() and all(right_adjoints(*test) for test in tests):
        print("Right: your engine has the derivatives of three functions, and for x1·x2 + sin x1")
        print("it agrees with sg.grad to nine digits at two more points.")


check_engine()

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
contributions = ...  # how many after forty doublings

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: contributions of forty doublings
check_number(
    "The contributions after forty doublings",
    contributions,
    80,
    "A contribution goes through each edge once. How many edges does one sum have, and how many sums are there?",
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# contributions = 2 * 40
# ```
#
# Two at each of the forty sums.
#
# </details>


# %%
def doublings(times):
    def doubled(y):
        for _ in range(times):
            y = y + y
        return y

    return doubled


lines = ["doublings             paths   contributions        derivative"]
for times in (1, 2, 5, 10, 40):
    sweep = sg.trace(doublings(times), 1.0).reverse_mode()
    sent = sum(step.phase == "adjoint" for step in sweep.steps)
    lines.append(f"{times:9} {2**times:17,} {sent:15} {sweep.result[0]:17,.0f}")
fold("Paths and contributions, once you have answered", lines)

# %% [markdown]
# The sweep visits every node once, after all that reads it, and by then the paths behind it have been summed into
# one number, its adjoint. The work is proportional to the number of *edges*, not of paths. Following each path by
# itself is what goes wrong in a recursive implementation that pushes each contribution on as soon as it arrives.
#
# If your engine is done: `gradient(doublings(40), 1.0)` takes no time at all.

# %% [markdown]
# ## 6. The survey's table 3
#
# The survey by Baydin, Pearlmutter, Radul and Siskind (2018) shows reverse mode on
# $\log x_1 + x_1 x_2 - \sin x_2$ at $(2, 5)$.
#
# **Predict.** Compute the adjoints with pencil and paper, then let the widget ask for them: nine steps, the seed
# and eight contributions; $\cos 5 \approx 0.284$.

# %%
survey = ADStepper("log(x1) + x1*x2 - sin(x2)", 2, 5, mode="reverse", predict=True, position=5)
survey

# %%
sweep = sg.trace("log(x1) + x1*x2 - sin(x2)", 2, 5).reverse_mode()
tally(survey, sweep)
fold("The whole sweep, once you have predicted it", sweep.text())

# %% [markdown]
# <details><summary>The published numbers</summary>
#
# They are $\bar{y} = 1$; then $1$, $-1$, $1$, $1$ for the four nodes in between; $\bar{x}_2 = -0.284 + 2 = 1.716$
# and $\bar{x}_1 = 5 + 0.5 = 5.5$. The table above is the same one with our names. (The survey prints its adjoints
# beside the values they belong to and reads them from the bottom up.)
#
# </details>

# %% [markdown]
# ## 7. Which mode, when
#
# Take again $f = \sin x_1 + x_1x_2 + x_2x_3 + \cdots + x_{n-1}x_n$, whose gradient cost forward mode four times
# as much whenever $n$ doubled.
#
# **Predict.** And reverse mode? If $n$ doubles, by what factor does the cost of its gradient grow, about?

# %%
growth_reverse = ...  # a factor

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the cost of the gradient when n doubles
hint = "There is one sweep for any n. How much longer is it?"
check_number("The growth of the cost in reverse mode", growth_reverse, 2, hint, within=0.25)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# growth_reverse = 2
# ```
#
# One sweep, twice as long. In the table below the factor is 2.25 at first and falls to 2.01.
#
# </details>


# %%
def neighbours(*x):
    total = np.sin(x[0])
    for left, right in pairwise(x):
        total = total + left * right
    return total


lines = ["inputs   evaluating f   forward mode: sweeps   operations   reverse mode: sweeps   operations"]
for n in (2, 4, 8, 16, 32, 64):
    graph = sg.trace(neighbours, *[0.5] * n)
    row = f"{n:6} {graph.primal().steps[-1].operations:14}"
    for mode in ("forward", "reverse"):
        cost = graph.cost(mode)
        row += f" {cost.sweeps:22} {cost.operations:12,}"
    lines.append(row)
fold("The cost for 2 to 64 inputs, once you have answered", lines)

# %% [markdown]
# Here reverse mode takes between 2.5 and 2.7 times the operations of $f$ itself, for any $n$. Something like that
# holds in general. The gradient of any program costs at most a small constant times the program (no more than 5
# in the usual ways of counting), however many inputs it has. This *cheap gradient principle* (Baur and Strassen
# 1983) is what makes it possible to train networks at all.
#
# With several outputs it is the mirror image: forward mode needs a sweep for each of the $n$ inputs, reverse
# mode one for each of the $m$ outputs. A network with $n = 8$ inputs, one hidden layer of 16 and $m$ outputs,
# $W_2 \tanh(W_1 x)$:

# %%
rng = np.random.default_rng(0)
W1 = rng.standard_normal((16, 8))

print("                   forward mode                     reverse mode")
print("inputs   outputs   sweeps   operations   bytes      sweeps   operations   bytes")
for m in (1, 2, 8, 32):
    W2 = rng.standard_normal((m, 16))
    graph = sg.trace(lambda x, W2=W2: W2 @ np.tanh(W1 @ x), np.ones(8))
    row = f"{8:6} {m:9}"
    for mode, width in (("forward", 8), ("reverse", 11)):
        cost = graph.cost(mode)
        row += f" {cost.sweeps:{width}} {cost.operations:12,} {cost.bytes:7}"
    print(row)

# %% [markdown]
# Here, with fewer outputs than inputs reverse mode takes fewer operations, with more forward mode does, and with
# as many the two are equal. That the crossing is exactly at $n = m$ is no law. A sweep costs a little more or less
# in one mode than in the other, and in a chain of layers the first and the last hidden width have to be equal:
# Lecture 03, section 1. The bytes are those held at most in one sweep, without the weights; in all four rows
# forward mode holds fewer. A loss is one output and its weights are many, so in training the answer is reverse
# mode.

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
# $w = -1$. The example, and the names of the three habits below, come from Stanford's course CS231n
# (*Convolutional Neural Networks for Visual Recognition*).
#
# **Predict.** The factor 2 sends $2$ back to the sum $xy + \max(z, w)$. What does the sum send to the product, and
# what to the maximum? Which input gets the adjoint 0? What do $x$ and $y$ get?

# %%
sum_sends = ...  # to the product and to the maximum: two numbers, such as (1, 1)
gets_nothing = ...  # the name of an input, such as "x"
x_bar = ...  # the adjoint of x
y_bar = ...  # the adjoint of y

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the adjoints of the gates
sum_hint = "A sum has the local derivatives 1 and 1."
if isinstance(sum_sends, (list, tuple, np.ndarray)) and len(sum_sends) == 2:
    to_product, to_maximum = sum_sends
else:
    to_product = to_maximum = sum_sends
check_number("What the sum sends to the product", to_product, 2, sum_hint)
check_number("What the sum sends to the maximum", to_maximum, 2, sum_hint)
if gets_nothing is ...:
    print("The input with the adjoint 0: still to be answered.")
else:
    try:
        nothing = names(gets_nothing)
    except TypeError as complaint:
        print(f"The input with the adjoint 0: not right yet. {complaint}")
    else:
        if nothing == {"w"}:
            print("The input with the adjoint 0: right. It is w, the smaller argument of the maximum.")
        else:
            written = ", ".join(sorted(nothing)) or "nothing"
            print(f"The input with the adjoint 0: not right yet. You wrote {written}; nudge each input by a little:")
            print("for one of the four, f does not change.")
product_hint = "A product sends to each factor its own adjoint, 2, times the other factor."
check_number("The adjoint of x", x_bar, -8, product_hint)
check_number("The adjoint of y", y_bar, 6, product_hint)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# sum_sends = (2, 2)
# gets_nothing = "w"
# x_bar = 2 * -4
# y_bar = 2 * 3
# ```
#
# </details>


# %%
def gates(x, y, z, w):
    return 2 * (x * y + np.maximum(z, w))


patterns = ADStepper(gates, 3, -4, 2, -1, mode="reverse", predict=True, position=4)
patterns

# %%
sweep = sg.trace(gates, 3.0, -4.0, 2.0, -1.0).reverse_mode()
tally(patterns, sweep)
fold("The whole sweep, once you have predicted it", sweep.text())

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
# | memory of a sweep | twice what evaluating $f$ holds | what the rules read again: $L + 2$ for $L$ sines |
# | in code | `sg.jvp` | `sg.grad`, `sg.vjp`, `Tensor.backward` |
#
# **Next:** [Lecture 07](07_jacobians.ipynb) looks at the Jacobians of whole layers, which these two modes never form.
# **Back to** [Lecture 03](03_forward_mode.ipynb), forward mode.
#
# **Further reading.** A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind, *Automatic differentiation
# in machine learning: a survey*, JMLR 18 (2018). A. Griewank, A. Walther, *Evaluating Derivatives*, 2nd ed.,
# SIAM (2008), chapters 3 and 4. W. Baur, V. Strassen, *The complexity of partial derivatives*, Theoretical
# Computer Science 22 (1983). S. Linnainmaa, *Taylor expansion of the accumulated rounding error*, BIT 16
# (1976), after his thesis of 1970, one of the first descriptions of the sweep back.
