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
# # Gradients, step by step
#
# *Start here · five minutes*
#
# **Open in** JupyterLab: `make lab` in a clone of stepgrad, or `stepgrad lab` where it is installed.
#
# A network learns by its gradient, and in a framework the gradient is one call. This course looks inside that call.
# Its notebooks go from computational graphs over forward and reverse mode to the Jacobians of layers and to
# convolution,
# and in each of them you predict a number, see it computed, read why, and then write the thing yourself.
#
# Here is what that looks like. Run the cells from the top with <kbd>Shift</kbd>+<kbd>Enter</kbd>; the picture below
# is alive: press ▶ or <kbd>→</kbd>, drag $x_1$, or type another function into the box.

# %% cellView="form" jupyter={"source_hidden": true}
# @title Install stepgrad (on Colab, where it is missing)
import sys
from importlib.util import find_spec

from IPython import get_ipython

if "google.colab" in sys.modules and find_spec("stepgrad") is None:
    get_ipython().run_line_magic("pip", "install --quiet stepgrad")

# %%
import stepgrad as sg
from stepgrad.widgets import ADStepper

first = ADStepper("x1*x2 + sin(x1)", 2, 3)
first

# %% [markdown]
# What the widget shows is data, and there are three ways to read it without any mouse: as text, as a figure for your
# slides, and as plain Python. The text is the table that a lecturer would write on the board:

# %%
print(first.text())

# %% [markdown]
# ## The lectures
#
# | | | you need | |
# |:---|:---|:---|---:|
# | [02] | **Computational graphs**: nodes, edges, cycles; orders, and how many there are | – | 35 min |
# | [03] | **Forward mode**: a product of Jacobians; tangents, seeds and directions | 02 | 40 min |
# | [04] | **Reverse mode**: adjoints, and why they add; what has to be stored | 03 | 45 min |
# | [07] | **Jacobians of ReLU and FC layers**: why 409,600 × 409,600 entries are no problem | 03, 04 | 45 min |
# | [08] | **Backprop in FC and ReLU networks**: a network that reads handwritten digits | 07 | 45 min |
# | [09] | **From fully connected to convolution**: 1.6 × 10⁹ weights, then 10⁴ | 07 | 35 min |
# | [10] | **Flip and slide**: convolution, three ways to write it | 04, 07 | 40 min |
# | [11] | **Convolutional layers**: windows, volumes, filters; backwards | 07, 08, 10 | 45 min |
# | [12] | **Convolution by Fourier transforms**: waves, and when they pay | 10, 11 | 40 min |
#
# [02]: 02_computational_graphs.ipynb
# [03]: 03_forward_mode.ipynb
# [04]: 04_reverse_mode.ipynb
# [07]: 07_jacobians.ipynb
# [08]: 08_training.ipynb
# [09]: 09_from_fully_connected_to_convolution.ipynb
# [10]: 10_flip_and_slide.ipynb
# [11]: 11_convolutional_layers.ipynb
# [12]: 12_fourier.ipynb
#
# Who needs what is itself a directed graph without cycles, the very thing that Lecture 02 is about. Any order in which
# all arrows point forward will do. (An arrow that follows from others is left out.)

# %% jupyter={"source_hidden": true} cellView="form"
# @title The map of the course
import matplotlib.pyplot as plt
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

TITLES = {
    "02": "Computational\ngraphs", "03": "Forward\nmode", "04": "Reverse\nmode", "07": "Jacobians\nof layers",
    "08": "Backprop\nin networks", "09": "From FC to\nconvolution", "10": "Flip and\nslide",
    "11": "Convolutional\nlayers", "12": "Fourier\ntransforms",
}  # fmt: skip
NEEDS = {
    "03": {"02"}, "04": {"03"}, "07": {"03", "04"}, "08": {"07"}, "09": {"07"}, "10": {"04", "07"},
    "11": {"07", "08", "10"}, "12": {"10", "11"},
}  # fmt: skip
PLACES = {
    "02": (0, 0), "03": (1, 0), "04": (2, 0), "07": (3, 0), "08": (4, 1), "09": (4, -1), "10": (4, 0), "11": (5, 0),
    "12": (6, 0),
}  # fmt: skip
PARTS = {"computing gradients": "#0072b2", "networks of layers": "#c24a00", "convolution": "#00745a"}


def colour(lecture):
    return PARTS["computing gradients" if lecture < "07" else "networks of layers" if lecture < "09" else "convolution"]


def before(lecture):
    """All lectures that come before one, directly or not."""
    needs = NEEDS.get(lecture, set())
    return needs.union(*(before(need) for need in needs))


def draw_map():
    _, axes = plt.subplots(figsize=(10.4, 3.5), layout="constrained")
    for lecture, needs in NEEDS.items():
        for need in needs - set().union(*(before(need) for need in needs)):
            (x, y), (u, v) = PLACES[lecture], PLACES[need]
            axes.add_patch(
                FancyArrowPatch(
                    (u + 0.4, v),
                    (x - 0.4, y),
                    arrowstyle="-|>",
                    mutation_scale=11,
                    color="#8a94a3",
                    linewidth=1.2,
                    shrinkA=1,
                    shrinkB=1,
                )
            )
    for lecture, (x, y) in PLACES.items():
        box = {
            "boxstyle": "round,pad=0,rounding_size=0.06",
            "facecolor": "white",
            "edgecolor": colour(lecture),
            "linewidth": 1.5,
        }
        axes.add_patch(FancyBboxPatch((x - 0.4, y - 0.37), 0.8, 0.74, **box))
        axes.text(x, y + 0.2, lecture, ha="center", va="center", fontsize=10, fontweight="bold", color=colour(lecture))
        axes.text(
            x, y - 0.13, TITLES[lecture], ha="center", va="center", fontsize=8.5, linespacing=1.2, color="#1c2430"
        )
    for i, (name, ink) in enumerate(PARTS.items()):
        axes.text(-0.4, 1.25 - 0.27 * i, name, color=ink, fontsize=10, fontweight="bold", va="center")
    axes.set(xlim=(-0.5, 6.5), ylim=(-1.45, 1.45))
    axes.axis("off")
    plt.show()


draw_map()

# %% [markdown]
# ## The widgets
#
# Each picture is one widget; in the lectures they are alive. All of them work with the keyboard alone, ask you for a
# prediction if you let them, and give what they show as text, figure and data. A click on a picture opens the lecture
# in which it has its place.

# %% jupyter={"source_hidden": true} cellView="form" tags=["nbval-ignore-output"]
# @title A picture of every widget
from base64 import b64encode
from html import escape

import numpy as np
from IPython.display import display

from stepgrad.widgets import (
    ConvolutionTheorem,
    ConvSlider,
    FlipAndSlide,
    GraphExplorer,
    JacobianInspector,
    ParameterCounter,
)

CARDS = [
    (
        GraphExplorer("x1*x2 + sin(x1)", 2, 3),
        "02_computational_graphs",
        "builds graphs, orders them, and runs them forward and back",
    ),
    (
        ADStepper("x1*x2 + sin(x1)", 2, 3),
        "04_reverse_mode",
        "steps through forward and reverse mode, a number at a time",
    ),
    (
        JacobianInspector(sg.nn.relu, np.linspace(-1, 1, 409_600).reshape(100, 4096)),
        "07_jacobians",
        "looks into Jacobians of any size, down to the single entry",
    ),
    (
        ParameterCounter(),
        "09_from_fully_connected_to_convolution",
        "counts what a layer learns, holds and multiplies",
    ),
    (FlipAndSlide("box", "box"), "10_flip_and_slide", "turns a kernel round and slides it over a signal"),
    (
        ConvSlider("grace_hopper", position=400),
        "11_convolutional_layers",
        "slides filters over pictures, your own if you like",
    ),
    (
        ConvolutionTheorem(position=22),
        "12_fourier",
        "convolves by multiplying waves, and says when that pays",
    ),
]
CARD = (
    '<a href="{notebook}.ipynb" style="flex: 1 1 380px; max-width: 560px; padding: 10px; border: 1px solid #b3bcc8; '
    "border-radius: 8px; background: #fff; color: #1c2430; font-size: 14px; line-height: 1.4; text-decoration: none"
    '"><img alt="{name}" src="data:image/png;base64,{picture}" style="display: block; width: 100%; height: 230px; '
    'object-fit: contain"><b>{name}</b> {what}</a>'
)


def show_cards():
    cards, lines = [], []
    for widget, notebook, what in CARDS:
        name = type(widget).__name__
        picture = b64encode(widget._repr_png_()).decode()
        cards.append(CARD.format(notebook=notebook, name=name, picture=picture, what=escape(what)))
        lines.append(f"{name:20} {what} (Lecture {notebook[:2]})")
    page = f'<div style="display: flex; flex-wrap: wrap; gap: 14px">{"".join(cards)}</div>'
    display({"text/html": page, "text/plain": "\n".join(lines)}, raw=True)


show_cards()

# %% [markdown]
# ## How things are written
#
# | | read | means |
# |:---|:---|:---|
# | $x_1, x_2, \dots$ | | inputs |
# | $w_1, w_2, \dots$ | | intermediate values, numbered in the order in which they are computed |
# | $f$ | | the output |
# | $\dot w$ | "w dot" | the **tangent** of $w$: how fast it changes along a direction of the inputs; blue |
# | $\bar w$ | "bar" | the **adjoint** of $w$, $\partial f/\partial w$: how the output changes with it; vermillion |
# | $J$ | | the **Jacobian**: all partial derivatives, a row for each output, a column for each input |
# | $J\dot x,\ J^{\mathsf T}\bar f$ | | what one sweep of forward mode, and one of reverse mode, gives |
# | $n,\ m$ | | how many inputs and outputs there are |
# | $\sigma$ | "sigma" | an order of the nodes in which every edge points forward |
# | $*$, $\star$ | | true convolution, and cross-correlation, which does not turn the kernel round |
# | `...` in a cell | | your turn |
#
# The same functions are there without any widget. Whatever is written with NumPy can be differentiated:


# %%
def f(x1, x2):
    return x1 * x2 + np.sin(x1)


value, gradient = sg.value_and_grad(f, argnums=(0, 1))(2.0, 3.0)
print(f"f(2, 3) = {value:.6f}")
print(f"gradient  {gradient[0]:.6f}, {gradient[1]:.6f}")

# %% [markdown]
# **Next:** [Lecture 02](02_computational_graphs.ipynb), computational graphs and their orders.
