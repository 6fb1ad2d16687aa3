"""The forms of linear maps: whatever is asked of one must be what the map's matrix says."""

import map_cases
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stepgrad.autodiff import forms
from stepgrad.autodiff import linear_maps as lm
from stepgrad.nn.linear import _Weights

NAMES = {kind.__name__: kind for kind in map_cases.CASES}


def same(found, expected):
    """Equal but for rounding."""
    scale = max(1.0, float(np.max(np.abs(expected), initial=0)))
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11 * scale)


def check_form(form, dense, draw):
    """Everything that can be asked of a form, against its matrix; and the same of its transpose."""
    rng = np.random.default_rng(0)
    for one, matrix in ((form, dense), (form.T, dense.T), (form.renamed(), dense), (forms.contracted(form), dense)):
        assert one.shape == matrix.shape
        sparse = forms.to_csr(one, np.float64)
        assert sparse.format == "csr"
        same(sparse.toarray(), matrix)
        assert sparse.nnz <= max(one.count, 0)
        for vector in (rng.standard_normal(one.in_shape), rng.standard_normal(one.in_shape[::-1]).T):
            same(forms.multiply(one, vector), (matrix @ vector.ravel()).reshape(one.out_shape))
    for one, matrix in ((form, dense), (form.T, dense.T)):
        rows, columns = matrix.shape
        for i in range(rows) if rows <= 6 else draw(st.sets(st.integers(0, rows - 1), min_size=1, max_size=6)):
            where, values = forms.row(one, i, np.float64)
            assert np.all(np.diff(where) > 0)
            row = np.zeros(columns)
            row[where] = values
            same(row, matrix[i])
        for place in draw(st.sets(st.integers(0, dense.size - 1), max_size=5)) if dense.size else ():
            i, j = divmod(place, columns)
            same(forms.entry(one, i, j, np.float64), matrix[i, j])


def is_called_rightly(name, dense):
    """Whether the matrix is of the kind that its name says."""
    filled = dense != 0
    square = dense.shape[0] == dense.shape[1]
    ones = np.all(dense[filled] == 1)
    diagonal = square and not np.any(filled & ~np.eye(len(dense), dtype=bool))
    each_row, each_column = filled.sum(1), filled.sum(0)
    checks = {
        "Zero": lambda: not np.any(filled),
        "Identity": lambda: square and np.array_equal(dense, np.eye(len(dense))),
        "ScaledIdentity": lambda: square and np.allclose(dense, dense[0, 0] * np.eye(len(dense))),
        "Diagonal": lambda: diagonal,
        "Permutation": lambda: ones and np.all(each_row == 1) and np.all(each_column == 1),
        "Diagonal @ Permutation": lambda: np.all(each_row <= 1) and np.all(each_column <= 1),
        "Selection": lambda: ones and np.all(each_row <= 1),
        "Diagonal @ Selection": lambda: np.all(each_row <= 1),
        "Scatter": lambda: np.all(each_column <= 1) and ones,
        "Diagonal @ Scatter": lambda: np.all(each_column <= 1),
        "Copy": lambda: ones and np.all(each_row == 1),
        "Sum": lambda: ones and np.all(each_column == 1),
        "Mean": lambda: np.all(each_column == 1) and np.allclose(dense.sum(1), 1),
        "Scatter @ Copy": lambda: ones and np.all(each_row <= 1),
        "Sum @ Selection": lambda: ones and np.all(each_column <= 1),
        "Mean @ Selection": lambda: np.all(each_column <= 1) and np.allclose(dense.sum(1), 1),
        "Scatter @ ScaledIdentity @ Copy": lambda: np.all(each_row <= 1),
        "ScaledIdentity @ Sum @ Selection": lambda: np.all(each_column <= 1),
        "ScaledIdentity @ Copy": lambda: np.all(each_row == 1),
        "ScaledIdentity @ Sum": lambda: np.all(each_column == 1),
        "LowerTriangular": lambda: square and not np.any(np.triu(filled, 1)),
        "UpperTriangular": lambda: square and not np.any(np.tril(filled, -1)),
        "RankOne": lambda: np.linalg.matrix_rank(dense) <= 1,
        "Toeplitz": lambda: is_toeplitz(dense),
        "Dense": lambda: True,
        "Kronecker": lambda: True,
        "BlockDiagonal": lambda: True,
        "BlockToeplitz": lambda: True,
        "Product": lambda: True,
    }
    return bool(checks[name]())


def is_toeplitz(dense):
    """Whether each row is the one before it, moved by a stride; what leaves the matrix is cut off."""
    rows, columns = dense.shape

    def moves(step):
        before, after = slice(max(0, -step), columns - max(0, step)), slice(max(0, step), columns - max(0, -step))
        return all(np.allclose(dense[i, before], dense[i + 1, after]) for i in range(rows - 1))

    return any(map(moves, range(-columns, columns + 1)))


def test_every_kind_of_map_has_a_case_or_has_no_form():
    assert map_cases.kinds() - {lm.Constant} == set(map_cases.CASES) | map_cases.WITHOUT_FORM
    for kind in map_cases.WITHOUT_FORM:
        assert kind.form is lm.LinearMap.form, kind


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30)
@given(data=st.data())
def test_a_form_says_what_its_map_does(name, data):
    local = map_cases.CASES[NAMES[name]](data.draw, None)
    assume(local is not None)
    assert type(local) is NAMES[name]
    for one in (local, local.T):
        form = one.form()
        if form is None:
            assert name in ("Product", "Selection", "Scatter") or 0 in (*one.in_shape, *one.out_shape)
            continue
        assert (form.in_shape, form.out_shape) == (one.in_shape, one.out_shape)
        dense = one.to_dense()
        check_form(form, dense, data.draw)
        assert is_called_rightly(forms.name_of(form), dense), forms.name_of(form)


@settings(max_examples=100)
@given(data=st.data())
def test_a_product_of_forms_is_the_product_of_the_matrices_or_there_is_none(data):
    chain = map_cases.chain(data.draw, None, data.draw(st.integers(2, 5)))
    dense = chain.to_dense()
    found = [local.form() for local in chain.factors]
    assume(None not in found)
    from_input, from_output = found[-1], found[0]
    for outer in reversed(found[:-1]):
        from_input = from_input and forms.compose(outer, from_input)
    for inner in found[1:]:
        from_output = from_output and forms.compose(from_output, inner)
    for form in (from_input, from_output):
        if form is not None:
            check_form(form, dense, data.draw)
            assert is_called_rightly(forms.name_of(form), dense), forms.name_of(form)


def test_shapes_of_a_product_must_agree():
    with pytest.raises(ValueError, match="can't follow"):
        forms.compose(lm.Identity((2, 3)).form(), lm.Identity((3, 2)).form())


@pytest.mark.parametrize(
    "kind", [lm.Windows, lm.Scaling, lm.Permutation, lm.Cumulative, lm.Selection, lm.Sum, lm.LeftMatmul, _Weights]
)
@settings(max_examples=20)
@given(data=st.data())
def test_these_have_a_form_always(kind, data):
    """A form that gives up would be right as well, and useless."""
    local = map_cases.CASES[kind](data.draw, None)
    assume(local is not None and 0 not in (*local.in_shape, *local.out_shape))
    assert local.form() is not None


def test_an_index_that_lists_a_truth_value_for_no_axis():
    for index in (True, (0, True), (True, [1, 0]), (slice(None), np.True_, 1)):
        local = lm.Selection((3, 2), index)
        form = local.form()
        np.testing.assert_array_equal(forms.to_csr(form, float).toarray(), local.to_dense())
