"""The kinds of linear maps: how they act, what their transposes are, and what they say of themselves."""

import numpy as np
import pytest
import truth

import stepgrad as sg
from stepgrad.autodiff import linear_maps as lm
from stepgrad.autodiff.primitives import operators, reductions

A, B = np.arange(6.0).reshape(2, 3) - 2.5, np.arange(12.0).reshape(3, 4) / 7
INDEX = (np.array([0, 0, 2]), np.array([1, 1, 0]))

MAPS = {
    "Identity": lm.Identity((2, 3)),
    "Zero": lm.Zero((2,), (3, 1)),
    "Zero to a scalar": lm.Zero((2,), ()),
    "ScaledIdentity": lm.Scaling(-2.5, (2, 3)),
    "Diagonal": lm.Diagonal(A, (2, 3)),
    "Diagonal of a scalar": lm.Diagonal(3.0, ()),
    "Mask": lm.Mask(A > 0, (2, 3)),
    "Sum": lm.Sum((2, 3, 4), (0, 2), (3,)),
    "Sum keeping its axes": lm.Sum((2, 3), (1,), (2, 1)),
    "Sum of nothing": lm.Sum((0, 3), (0,), (3,)),
    "Copy": lm.Copy((2, 3, 4), (0, 2), (3,)),
    "Mean": reductions._MeanMap(lm.Sum((2, 3), (0,), (3,)), 2),
    "Reshape": lm.Reshape((2, 3), (3, 1, 2)),
    "Transpose": lm.Permutation((2, 3, 4), (2, 0, 1)),
    "Selection": lm.Selection((3, 2), (slice(None, None, -2), 1)),
    "Selection of an entry twice": lm.Selection((3, 2), INDEX),
    "Selection by a mask": lm.Selection((2, 3), (A > 0,)),
    "Scatter": lm.Scatter((2,), (slice(0, 2), 1), (3, 2)),
    "Scatter that adds": lm.Scatter((3,), INDEX, (3, 2)),
    "Extremum": reductions._Extremum("max", (3,), (2,), ()),
    "Cumulative": lm.Cumulative((2, 3), 1),
    "Cumulative from the end": lm.Cumulative((2, 3), 0, backward=True),
    "Windows": lm.Windows((2, 4, 5), (2, 3)),
    "Windows that stand apart": lm.Windows((5, 6), (2, 2), (3, 2), (1, 3)),
    "Fold": lm.Fold((2, 4, 5), (2, 3)),
    "Fold of windows that miss entries": lm.Fold((5, 6), (2, 2), (3, 2), (1, 3)),
    "LeftMatmul": lm.LeftMatmul(A, (3, 2), (2, 2)),
    "LeftMatmul of a stack": lm.LeftMatmul(A, (4, 3, 2), (4, 2, 2)),
    "LeftMatmul by a stack": lm.LeftMatmul(np.stack([A, -A]), (3, 2), (2, 2, 2)),
    "RightMatmul": lm.RightMatmul(B, (2, 3), (2, 4)),
    "RightMatmul of a stack that broadcasts": lm.RightMatmul(np.stack([B, -B]), (1, 2, 3), (2, 2, 4)),
    "Contraction": lm.Contraction(("ij", "jk"), "ki", (A, B), 1, (3, 4), (4, 2)),
    "Product": lm.Sum((2, 3), (0,), (3,)) @ lm.Diagonal(A, (2, 3)) @ lm.Copy((2, 3), (0,), (3,)),
    "Cast": operators._Cast((2, 3), np.dtype(np.float64), np.dtype(np.float64)),
}


@pytest.mark.parametrize("name", MAPS)
def test_acts_transposes_and_is_a_matrix(name):
    truth.check_map(MAPS[name], np.random.default_rng(0))


@pytest.mark.parametrize("name", MAPS)
def test_sparse_is_dense(name):
    local = MAPS[name]
    sparse = local.to_sparse()
    assert sparse.format == "csr"
    np.testing.assert_array_equal(sparse.toarray(), local.to_dense())
    assert local.T.shape == local.shape[::-1]


@pytest.mark.parametrize("name", MAPS)
def test_acting_on_tensors_can_be_differentiated(name):
    local = MAPS[name]
    v = np.random.default_rng(1).standard_normal(local.in_shape)
    np.testing.assert_allclose(sg.jacobian(local.apply)(v).reshape(local.shape), local.to_dense(), atol=1e-14)
    np.testing.assert_allclose(
        sg.jacobian(local.apply, mode="forward")(v).reshape(local.shape), local.to_dense(), atol=1e-14
    )


def test_every_kind_is_here():
    kinds = {type(factor) for local in MAPS.values() for factor in getattr(local, "factors", (local,))}
    defined = {kind for kind in vars(lm).values() if isinstance(kind, type) and issubclass(kind, lm.LinearMap)}
    assert defined - {lm.LinearMap, lm.Constant} <= kinds | {lm.Product}
    assert type(MAPS["Product"]) is lm.Product


@pytest.mark.parametrize(
    ("name", "transposed"),
    [
        ("Identity", lm.Identity),
        ("Diagonal", lm.Diagonal),
        ("Mask", lm.Mask),
        ("Sum", lm.Copy),
        ("Copy", lm.Sum),
        ("Selection", lm.Scatter),
        ("Scatter", lm.Selection),
        ("Windows", lm.Fold),
        ("Fold", lm.Windows),
        ("Reshape", lm.Reshape),
        ("Transpose", lm.Permutation),
        ("LeftMatmul", lm.LeftMatmul),
        ("RightMatmul", lm.RightMatmul),
        ("Contraction", lm.Contraction),
    ],
)
def test_transposes_pair_off(name, transposed):
    assert type(MAPS[name].T) is transposed
    assert type(MAPS[name].T.T) is type(MAPS[name])


def test_what_a_map_says_of_itself():
    assert repr(MAPS["Sum"]) == "<Sum (3,) ← (2, 3, 4)>"
    assert MAPS["Sum"].shape == (3, 24)
    assert MAPS["Product"].structure == "Sum @ Diagonal @ Copy"
    assert MAPS["Product"].T.structure == "Sum @ Diagonal @ Copy"
    assert [MAPS[name].role for name in ("Identity", "Diagonal", "Mask", "Selection", "Sum")] == [
        "distributor", "switcher", "router", "router", None,
    ]  # fmt: skip
    assert MAPS["Product"].role == "switcher"
    assert lm.Product((lm.Reshape((2,), (2, 1)), lm.Identity((2,)))).role == "distributor"


def test_what_applying_it_costs():
    """Multiplications and additions, so that a matrix of n × k times k × m takes 2 n k m."""
    assert MAPS["LeftMatmul"].operations == 2 * 2 * 3 * 2
    assert MAPS["RightMatmul"].operations == 2 * 2 * 3 * 4
    assert MAPS["Contraction"].operations == 2 * 2 * 3 * 4
    assert MAPS["Diagonal"].operations == 6
    assert MAPS["Reshape"].operations == MAPS["Copy"].operations == 0
    assert MAPS["Product"].operations == MAPS["Diagonal"].operations + lm.Sum((2, 3), (0,), (3,)).operations


def test_products_leave_identities_out_and_check_shapes():
    diagonal = MAPS["Diagonal"]
    assert (diagonal @ lm.Identity((2, 3))) is diagonal
    with pytest.raises(ValueError, match=r"can't follow .* shapes \(2, 3\) and \(3, 4\) differ"):
        diagonal @ lm.Scaling(2.0, (3, 4))


@pytest.mark.parametrize(
    ("small", "large"),
    [
        ((), (2, 3)),
        ((3,), (2, 3)),
        ((1,), (0,)),
        ((1, 3), (2, 3)),
        ((2, 1), (2, 3)),
        ((1, 1), (4, 2, 3)),
        ((0,), (2, 0)),
    ],
)
def test_broadcasting_as_a_map(small, large):
    local = lm.broadcast(small, large)
    x = np.random.default_rng(0).standard_normal(small)
    np.testing.assert_array_equal(local.apply(x), np.broadcast_to(x, large))
    truth.check_map(local, np.random.default_rng(1))
    np.testing.assert_allclose(lm.unbroadcast(np.ones(large), small), local.T.apply(np.ones(large)))


def test_maps_keep_float32():
    for name, local in MAPS.items():
        if name.startswith(
            (
                "Identity",
                "Sum",
                "Copy",
                "Reshape",
                "Transpose",
                "Selection",
                "Scatter",
                "Windows",
                "Fold",
                "Cumul",
                "Mean",
                "Scaled",
                "Mask",
            )
        ):
            assert np.asarray(local.apply(np.ones(local.in_shape, np.float32))).dtype == np.float32, name
