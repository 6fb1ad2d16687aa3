"""No primitive without a test: a new one must be given a case, or this fails."""

import elementwise_cases
import general_cases

from stepgrad.autodiff.linear_maps import Constant


def test_every_elementwise_primitive_has_a_case():
    assert set(elementwise_cases.CASES) == set(elementwise_cases.REGISTERED)


def test_every_case_draws_as_many_arguments_as_there_are_partials():
    for name, domain in elementwise_cases.CASES.items():
        assert len(domain.intervals) == len(elementwise_cases.REGISTERED[name].partials), name


def test_every_other_primitive_has_a_case():
    assert set(general_cases.CASES) >= general_cases.REGISTERED


def test_every_constant_map_is_a_primitive_with_a_case():
    names = {kind.name for kind in every_kind(Constant) - {Constant} if isinstance(kind.name, str)}
    assert names - {"identity", "zero"} <= {*general_cases.CASES, *elementwise_cases.CASES}


def every_kind(kind):
    """The class and all its subclasses."""
    return {kind}.union(*(every_kind(sub) for sub in kind.__subclasses__()))
