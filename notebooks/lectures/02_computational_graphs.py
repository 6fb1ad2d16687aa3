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
# # Lecture 02 · Computational graphs and their orders
#
# *About 35 minutes · you need a little Python*
#
# **Open in** JupyterLab: `make lab` in a clone of stepgrad, or `stepgrad lab` where it is installed.
#
# A formula hides in which order it is computed. A graph shows it: a node for each value, an edge wherever one value is
# needed for another. All of automatic differentiation happens on this picture. Forward mode walks along the edges,
# reverse mode against them, and both need the nodes in an order in which nobody has to wait.
#
# Afterwards you can
#
# 1. turn a formula into its graph, and name the nodes as the following lectures do;
# 2. tell a directed cycle, which forbids any computation, from an undirected one, which is harmless;
# 3. check whether an order of the nodes is topological, and say what is wrong with it where it isn't;
# 4. find such an order by two algorithms, and write one of them;
# 5. count how many there are, and say why that number can matter.
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
from itertools import permutations
from math import comb, factorial

import numpy as np

import stepgrad as sg
from stepgrad.homework import attempt, check_number, fold
from stepgrad.widgets import GraphExplorer

# %% [markdown]
# ## 1. From a formula to a graph
#
# Take the function that will be with us for the next lectures,
#
# $$f(x_1, x_2) = x_1 x_2 + \sin x_1 .$$
#
# To compute it by hand you would write down two intermediate results before the last one. Give them names:
#
# $$w_1 = \sin x_1, \qquad w_2 = x_1 x_2, \qquad f = w_2 + w_1 .$$
#
# Now nothing is left but steps of a single operation. Draw a node for each value and, wherever one value is read to
# compute another, an edge from the one to the other. This is the **computational graph**: a set $V$ of nodes, and a
# set $E$ of directed edges between them, $G = (V, E)$.
#
# What a node does is its own business. Here it is an operation on two numbers. In Lecture 08 it will be a layer of a
# network that takes arrays. Any module will do, as long as it can say how its output changes with its inputs.
#
# **Predict.** How many nodes and edges has the graph of $f$?

# %%
nodes_of_f = ...
edges_of_f = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the size of the graph
check_number("The nodes", nodes_of_f, 5, "The inputs are nodes too, and so is the output.")
check_number(
    "The edges", edges_of_f, 5, "One for each value that an operation reads: a sine reads one, a sum and a product two."
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# nodes_of_f = 5  # x1, x2, w1, w2, f
# edges_of_f = 1 + 2 + 2  # read by the sine, the product and the sum
# ```
#
# </details>

# %% [markdown]
# `sg.trace` runs a function once and keeps its graph. It takes ordinary Python with NumPy, or text:


# %%
def f(x1, x2):
    return x1 * x2 + np.sin(x1)


graph = sg.trace(f, 2.0, 3.0)
for node in graph.nodes:
    print(f"{node.label:3} = {node.expression:10} reads {', '.join(node.inputs) or 'nothing'}")
print(f"at (2, 3): f = {graph.value}")

# %% [markdown]
# And this is the same graph to play with. Below the circles stand the nodes on a line, at the places 1 to 5. Drag them
# along it, or move them with <kbd>←</kbd> and <kbd>→</kbd>. An edge that points backward lights up.
# (What it asks above the picture is for section 5: come back to it then.)

# %%
explorer = GraphExplorer("x1*x2 + sin(x1)", 2, 3, order=["x1", "w2", "x2", "w1", "f"], predict=True)
explorer

# %%
for source, target in explorer.document()["backward"]:
    print(f"{target} reads {source}, which comes later")

# %% [markdown]
# ## 2. Which graphs are allowed?
#
# A value that is computed from itself can't be computed at all. So there must be no way along the arrows that comes
# back to where it began, no **directed cycle**. A graph without one is called a *directed acyclic graph*, a DAG, and
# every DAG of differentiable modules is a function that can be differentiated.
#
# The arrows matter here. Take them off, and the graph of $f$ does have a cycle: $x_1$ – $w_1$ – $f$ – $w_2$ – $x_1$. It
# only says that $x_1$ reaches $f$ on two ways. Nobody waits for himself. (In Lecture 04 exactly this will be the
# reason why gradients add.)
#
# **Try it.** In the widget below, draw an edge from $d$ to $a$: drag from the dot at the right of $d$. It is refused
# while you still hold it, and the cycle that it would close lights up. Then add a node of your own, and try to build
# a graph with two undirected cycles.

# %%
diamond = GraphExplorer(edges=[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")], mode="build")
diamond

# %%
print(diamond.text())

# %% [markdown]
# Python refuses it just as well, and names the cycle:

# %%
try:
    GraphExplorer(edges=[("a", "b"), ("b", "c"), ("c", "a")])
except Exception as error:
    print(error)

# %% [markdown]
# **Predict.** To a DAG on five nodes without any edges you add edges, one after the other, never closing a directed
# cycle and never twice the same one. How many can there be at most?

# %%
most_edges = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the most edges of a DAG
check_number(
    "The most edges", most_edges, 10, "Put the nodes on a line: an edge may lead from each to every one at its right."
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# most_edges = 5 * 4 // 2
# ```
#
# Of the two edges between a pair of nodes only one can be there, so there are at most as many as pairs. And all of them
# fit: on a line, let each node lead to every one at its right.
#
# </details>

# %% [markdown]
# ## 3. An order in which nobody waits
#
# To run the graph, the nodes have to be computed one after the other. Number them: $\sigma(v) \in \{1, \dots, n\}$ is
# the place of $v$. When $v_j$ is computed, everything that it reads must be there already:
#
# $$\sigma(v_i) < \sigma(v_j) \qquad \text{for every edge } (v_i, v_j) \in E .$$
#
# Such an order is called **topological**. On the line of the widget it means that every edge points to the right.
#
# **Your turn.** Write a function that says whether an order is topological. An order is a list of labels, an edge a
# pair.


# %%
def is_topological(order, edges):
    """Whether every edge points forward."""
    place = {node: i for i, node in enumerate(order, start=1)}
    for source, target in edges:
        backward = ...  # whether the edge from source to target points backward
        if backward:
            return False
    return True


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: is an order topological?
LECTURE = [("x1", "w1"), ("x1", "w2"), ("x2", "w2"), ("w2", "f"), ("w1", "f")]


def check_is_topological():
    if ... in getattr(getattr(is_topological, "__code__", None), "co_consts", ()):
        print("is_topological: still to be written.")
        return
    tried = [
        (["x1", "x2", "w1", "w2", "f"], "", True),
        (["x2", "x1", "w2", "w1", "f"], "", True),
        (["x1", "w2", "x2", "w1", "f"], "the edge x2 → w2 points backward", False),
        (["f", "w2", "w1", "x2", "x1"], "all edges point backward", False),
    ]
    for order, why, truth in tried:
        answer = attempt(f"is_topological({order})", lambda order=order: is_topological(list(order), list(LECTURE)))
        if answer is None:
            return
        if not isinstance(answer, (bool, np.bool_)):
            print(f"is_topological({order}): not right yet. It gave {answer!r}; True or False is asked for.")
            return
        if bool(answer) is not truth:
            hint = f"It is not one: {why}." if why else "It is one: each edge points forward."
            print(f"is_topological({order}): not right yet. It gave {answer}. {hint}")
            return
    found = sum(bool(is_topological(list(order), list(LECTURE))) for order in permutations(graph.topological_order()))
    print(f"is_topological: right, for all four orders. Of all {factorial(5)} orders it accepts {found}.")


check_is_topological()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def is_topological(order, edges):
#     """Whether every edge points forward."""
#     place = {node: i for i, node in enumerate(order, start=1)}
#     for source, target in edges:
#         backward = place[source] >= place[target]
#         if backward:
#             return False
#     return True
# ```
#
# </details>

# %% [markdown]
# Does every DAG have such an order? Yes, and the proof is a recipe. Start at any node and walk against the arrows. As
# there is no directed cycle, you meet no node twice, so after at most $n$ steps you stand at a node that reads
# nothing. It may come first. Take it out, with all its edges: what is left is again a DAG, with one node less. Go on
# until nothing is left.
#
# The other way round, a graph with a directed cycle has none: along the cycle the places would have to grow all
# the time, and yet come back to where they began.
#
# ## 4. Two algorithms
#
# **Kahn's algorithm** (1962) is that proof as a program. For each node it keeps for how many others it still waits.
# Those
# that wait for nobody stand in a queue. Take one out, put it into the order, and let everyone who waited for it wait
# for one less.
#
# The **depth-first** algorithm begins at the other end. It visits a node, first goes on to everything the node leads
# to,
# and when all that is done puts the node *in front* of what it has. So whatever a node leads to stands behind it.
#
# **Predict.** The widget steps through both, and asks each time how many nodes are ready.

# %%
search = GraphExplorer("x1*x2 + sin(x1)", 2, 3, mode="algorithms", predict=True)
search

# %%
right = {a["about"] for a in search.answers if a["question"] == "ready" and a["correct"]}
print(f"Of the 5 questions you have answered {len(right)} rightly.")
kahn = [step["order"] for step in search.document()["kahn"]][-1]
deep = [step["order"] for step in search.document()["depth_first"]][-1]
lines = [f"Kahn:        {' '.join(kahn)}", f"depth first: {' '.join(deep)}"]
fold("The two orders, once you have stepped through", lines)

# %% [markdown]
# **Your turn.** Write Kahn's algorithm. Your function is given the nodes and the edges, and returns an order as a
# list. Where
# there is a directed cycle, let it return `None`: how do you notice?


# %%
def kahn_order(nodes, edges):
    """A topological order of the nodes; None if there is a directed cycle."""
    waiting = dict.fromkeys(nodes, 0)  # for each node: how many edges lead to it from nodes that aren't ordered
    for source, target in edges:
        waiting[target] = ...
    ready = [v for v in nodes if waiting[v] == 0]
    order = []
    while ready:
        v = ready.pop(0)
        order.append(v)
        ready += ...  # those that waited for v, and now wait for nobody
    return order


# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: Kahn's algorithm
def graphs_to_try():
    """Graphs by name: nodes in an order that is none of theirs, and edges; some of them random."""
    yield "the graph of f", ["f", "w1", "w2", "x1", "x2"], list(LECTURE)
    yield "a node alone", ["v"], []
    yield "a chain of 6", [f"v{i}" for i in (3, 1, 5, 0, 4, 2)], [(f"v{i}", f"v{i + 1}") for i in range(5)]
    yield "the graph of x·x", ["y", "x"], [("x", "y"), ("x", "y")]
    rng = np.random.default_rng(0)
    for number in range(20):
        names = [f"v{i}" for i in rng.permutation(8)]
        pairs = [(names[i], names[j]) for i in range(8) for j in range(i + 1, 8) if rng.random() < 0.3]
        yield f"random graph {number + 1}", sorted(names), pairs


def check_kahn_order():
    for name, nodes, edges in graphs_to_try():
        order = attempt("kahn_order", lambda nodes=nodes, edges=edges: [kahn_order(list(nodes), list(edges))])
        if order is None:
            return
        (order,) = order
        if order is None:
            print(f"kahn_order: not right yet. For {name} it gave None, as if there were a cycle. Is every node")
            print("ready as soon as all that it waits for is in the order?")
            return
        if not isinstance(order, (list, tuple)):
            print(f"kahn_order: not right yet. For {name} it gave {order!r}; a list is asked for.")
            return
        missing = [v for v in nodes if v not in order]
        if missing:
            twice = " With x·x there are two edges from x to y: both have to be let go." if "x·x" in name else ""
            print(f"kahn_order: not right yet. For {name} the order {order} leaves out {', '.join(missing)}.{twice}")
            return
        if len(order) != len(nodes):
            print(f"kahn_order: not right yet. For {name} it gave {len(order)} nodes, and there are {len(nodes)}.")
            return
        late = [(a, b) for a, b in edges if order.index(a) > order.index(b)]
        if late:
            (a, b) = late[0]
            print(f"kahn_order: not right yet. For {name} it gave {order}, where {a} → {b} points backward.")
            return
    cycle = attempt("kahn_order", lambda: [kahn_order(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "b")])])
    if cycle is None:
        return
    if cycle[0] is not None:
        print("kahn_order: right where there is no cycle. Where b and c wait for each other, no order is right:")
        print(f"let it return None. It gave {cycle[0]!r}.")
        return
    print("kahn_order: right, for 24 graphs and one with a cycle.")


check_kahn_order()

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def kahn_order(nodes, edges):
#     """A topological order of the nodes; None if there is a directed cycle."""
#     waiting = dict.fromkeys(nodes, 0)
#     for source, target in edges:
#         waiting[target] = waiting[target] + 1
#     ready = [v for v in nodes if waiting[v] == 0]
#     order = []
#     while ready:
#         v = ready.pop(0)
#         order.append(v)
#         for source, target in edges:
#             if source == v:
#                 waiting[target] -= 1
#                 if waiting[target] == 0:
#                     ready.append(target)
#     return order if len(order) == len(nodes) else None
# ```
#
# A node on a directed cycle waits for another one on it, and so on round the cycle: none of them is ever ready. So if
# the
# order is too short when the queue is empty, there is a cycle among the rest.
#
# </details>

# %% [markdown]
# ## 5. How many orders?
#
# **Predict.** How many of the 120 orders of the five nodes of $f$ are topological? Think of which node must be last,
# which
# must come before which, and what is free. The widget of section 1 can help: in it an order shows at once what is
# wrong.

# %%
orders_of_f = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: the number of orders
check_number(
    "The topological orders", orders_of_f, 5, "f is the last one, and x1 comes before w1 and w2; x2 before w2."
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# orders_of_f = 3 + 2
# ```
#
# $f$ is last. If $x_1$ is first, $w_1$ may stand at any of the three places beside $x_2$, $w_2$, which keep their
# order: 3. If $x_2$ is first, $x_1$ has to follow, and $w_1$, $w_2$ can change places: 2.
#
# </details>

# %%
tried = list(permutations(graph.topological_order()))
valid = [order for order in tried if graph.is_topological(order)]
lines = [" ".join(order) for order in valid]
fold("All of them, by trying every order", [f"{len(valid)} of {len(tried)}:", *lines])

# %% [markdown]
# To try all orders works for 5 nodes, but not for 20: there are $20! \approx 2.4 \times 10^{18}$. Better to ask which
# *sets* of nodes can come first. From a set that is done, each node that waits for nobody leads to a set with one node
# more; count the ways on which a set can be reached, from small sets to large ones. That takes one number for each such
# set. `graph.count_topological_orders()` does it, and the widget too, in your browser.
#
# Nobody knows a method that is always fast: to count the topological orders of a DAG is as hard as any counting problem
# whose answers can be checked quickly (it is *#P-complete*; Brightwell and Winkler, 1991). What is always easy are
# bounds. `graph.bound_topological_orders()` proves a lower and an upper one.


# %%
def two_chains(x):
    """Two chains of ten operations that don't wait for each other."""
    a, b = x, x
    for _ in range(10):
        a, b = np.sin(a), np.cos(b)
    return a + b


chains = sg.trace(two_chains, 0.5)
low, high = chains.bound_topological_orders()
print(f"nodes: {len(chains.nodes)}")
print(f"topological orders: {chains.count_topological_orders():,}")
print(f"which is between {low:,} and {high:,}")

# %% [markdown]
# **Predict.** Where does 184,756 come from? Each order is a way of shuffling the two chains into each other: of 20
# places, choose those of the first chain. Write it with `comb(n, k)`, which is $n$ over $k$. And for *three* chains
# of ten, $x$
# first and their sum last?

# %%
shuffles = ...  # for two chains of ten, with comb
shuffles_of_three = ...  # for three chains of ten

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: shuffling chains
check_number("Two chains of ten", shuffles, comb(20, 10), "Of 20 places the first chain takes 10, in its own order.")
check_number(
    "Three chains of ten",
    shuffles_of_three,
    comb(30, 10) * comb(20, 10),
    "First choose 10 of 30 places for one chain; the other two share those that are left.",
)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# shuffles = comb(20, 10)
# shuffles_of_three = comb(30, 10) * comb(20, 10)
# ```
#
# </details>

# %% [markdown]
# All these orders compute the same number. Yet they are not equally good. A value has to be kept until everybody who
# reads it has been computed, and how many are kept at the same time depends on the order. And nodes that don't wait
# for each other can be computed at once, by several processors. Compilers for neural networks
# choose their order with both in mind.
#
# ## 6. Forward along the order, and back
#
# Take any topological order. **Along** it each node finds what it reads, and can compute its value: the *forward pass*.
# **Against** it each node is reached when everybody who reads it has been reached before. That is just what is needed
# to
# ask, from the output backwards, how much each value matters for it: the *backward pass* of Lecture 04. One order
# serves both.
#
# Step through it. Then go to **Order**, move a node to a wrong place, and run it again: where does it stop?

# %%
both = GraphExplorer("x1*x2 + sin(x1)", 2, 3, mode="run", order=["x2", "x1", "w2", "w1", "f"])
both

# %%
document = both.document()
print("node  value   how f changes with it")
for label in document["order"]:
    print(f"{label:4} {document['values'][label]:6.3f} {document['adjoints'][label]:11.3f}")

# %% [markdown]
# **Predict.** You run the nodes of $f$ in the order $x_1, w_2, x_2, w_1, f$. At which place does the forward pass stop?

# %%
stops_at = ...

# %% cellView="form" jupyter={"source_hidden": true}
# @title Check: where it stops
check_number("It stops at the place", stops_at, 2, "Which node is the first that reads a value that comes later?")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# stops_at = 2  # w2 reads x2, which has place 3
# ```
#
# </details>

# %% [markdown]
# ## Summary
#
# | | |
# |:---|:---|
# | computational graph | $G = (V, E)$: a node for each value, an edge wherever one is read for another |
# | allowed | every DAG of differentiable modules: no *directed* cycle; undirected ones are fine |
# | topological order | $\sigma(v_i) < \sigma(v_j)$ for every edge: everything is there when it is read |
# | it exists | exactly if there is no directed cycle: some node reads nothing; take it, and go on |
# | to find one | Kahn's queue, or depth first; both look at every node and every edge once |
# | how many | 5 for $x_1 x_2 + \sin x_1$; in general hard to count, easy to bound |
# | forward pass, backward pass | along the order, against the order |
# | names | inputs $x_1, x_2$; intermediate values $w_1, w_2, \dots$ in the order of computation; output $f$ |
# | in code | `sg.trace(f, *inputs)`, `graph.topological_order()`, `graph.is_topological(order)` |
#
# **Next:** [Lecture 03](03_forward_mode.ipynb) sends a second number along the edges, beside each value: forward mode.
#
# **Further reading.** A. B. Kahn, *Topological sorting of large networks*, CACM 5 (1962), two pages. R. E. Tarjan,
# *Edge-disjoint spanning trees and depth-first search*, Acta Informatica 6 (1976). T. H. Cormen, C. E. Leiserson, R. L.
# Rivest, C. Stein, *Introduction to Algorithms*, section on topological sort. G. Brightwell, P. Winkler, *Counting
# linear
# extensions*, Order 8 (1991). L. V. Kantorovich, *On a mathematical symbolism convenient for performing machine
# calculations*, Doklady 113 (1957), perhaps the first to draw a computation as a graph.
