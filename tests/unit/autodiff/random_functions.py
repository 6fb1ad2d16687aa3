"""Random functions of one array, composed of every primitive there is: straight, in diamonds, with constants beside.

`function` draws a list of steps. Each takes values that are there already and adds one more:

- an elementwise primitive, of a value brought into its domain, and of others that broadcast with it;
- a case of `general_cases`, with entries of a value mixed into its arguments;
- a linear map of `map_cases`, straight on a value.
"""

from math import prod

import elementwise_cases
import general_cases
import map_cases
import numpy as np
from hypothesis import strategies as st

LARGEST = 60
"""No value has more entries than this, so that the dense Jacobian is made in no time."""

PRIMITIVES = sorted({*elementwise_cases.REGISTERED, *general_cases.CASES})
"""The names of all primitives that have derivatives."""


def function(draw, shape, name):
    """A function of an array of a shape, written in NumPy, and a point at which it has a derivative.

    The primitive called `name` is one of its steps, where it can be.
    """
    x = general_cases.values(draw, shape)
    values, steps = [x], []
    names = draw(st.lists(st.sampled_from([*PRIMITIVES, "map", "map"]), max_size=5))
    names.insert(draw(st.integers(0, len(names))), name)
    for name in names:
        kind = _elementwise if name in elementwise_cases.REGISTERED else _map if name == "map" else _case
        step = kind(draw, values, name)
        with np.errstate(all="ignore"):
            value = None if step is None else np.asarray(step(values))
        if value is not None and value.size <= LARGEST and np.all(np.abs(value) < 1e3):
            values.append(value)
            steps.append(step)
    finish = draw(st.sampled_from([_last, _last, _all_added, _all_together]))

    def f(x):
        values = [x]
        for step in steps:
            values.append(step(values))
        return finish(values)

    return f, x


def _last(values):
    return values[-1]


def _all_added(values):
    return sum(np.sum(np.sin(value)) * k for k, value in enumerate(values))


def _all_together(values):
    return np.concatenate([np.ravel(value) for value in values])


def _pick(draw, values):
    """The number of a value, the last one more often."""
    return draw(st.sampled_from([len(values) - 1, *range(len(values))]))


def _elementwise(draw, values, name):
    primitive, domain = elementwise_cases.REGISTERED[name], elementwise_cases.CASES[name]
    first = _pick(draw, values)
    shape = values[first].shape
    arguments = []
    for low, high in domain.intervals:
        others = [i for i, value in enumerate(values) if _broadcasts(value.shape, shape)]
        k = first if not arguments else draw(st.sampled_from([None, *others]))
        constant = None if k is not None else np.random.default_rng(len(values)).uniform(low, high, shape)
        shape = shape if k is None else np.broadcast_shapes(shape, values[k].shape)
        arguments.append((k, constant, (low + high) / 2, (high - low) / 2))

    def step(values):
        return primitive(
            *[
                constant if k is None else middle + 0.95 * half * np.sin(values[k])
                for k, constant, middle, half in arguments
            ]
        )

    return step


def _broadcasts(one, other):
    try:
        return prod(np.broadcast_shapes(one, other)) <= LARGEST
    except ValueError:
        return False


def _case(draw, values, name):
    """A case whose arguments are moved a little by entries of a value; or a value itself where it has the shape."""
    function, arrays = general_cases.CASES[name](draw)
    if sum(array.size for array in arrays) > 4 * LARGEST:
        return None
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    mixed = []
    for i, array in enumerate(arrays):
        k = _pick(draw, values) if i == 0 or draw(st.booleans()) else None
        same = k is not None and values[k].shape == array.shape
        if k is None or not values[k].size:
            mixed.append((None, array, None))
        elif same and draw(st.booleans()):
            mixed.append((k, array, None))
        else:
            mixed.append((k, array, rng.integers(0, values[k].size, array.shape)))

    def argument(values, k, array, places):
        if k is None:
            return array
        moved = np.sin(values[k] if places is None else np.ravel(values[k])[places])
        return array + 0.01 * moved

    return lambda values: function(*[argument(values, *each) for each in mixed])


def _map(draw, values, _):
    k = _pick(draw, values)
    local = draw(st.sampled_from(map_cases.LINKS))(draw, values[k].shape) if values[k].size else None
    return local and (lambda values: local.apply(values[k]))
