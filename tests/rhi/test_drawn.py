"""What the names of a slice's ROIs say on the quick way is what they say on the general one."""

from __future__ import annotations

import itertools

import pytest
from rigs.rois import measured, rect

from pyrhi.errors import RoleError
from pyrhi.rhi.drawn import Schemes
from pyrhi.rhi.roles import RolePatterns

NAMES = ("cord", "high", "cord L2", "high L2", "lesion Th12", "oedema", "myelon T12", "cord edema")


@pytest.mark.parametrize("count", [1, 2, 3])
def test_every_set_of_names_pairs_as_on_the_general_way_or_goes_it(count: int):
    schemes, told = Schemes(RolePatterns()), 0
    for names in itertools.permutations(NAMES, count):
        scheme = schemes.of(names, (0,) * count)
        rois = [rect(name, 4 + i, 4, 9, 9 - i) for i, name in enumerate(names)]
        try:
            rows = measured(rois).rhi
        except RoleError:
            assert scheme is None, names
            continue
        if scheme is None:
            continue
        told += 1
        assert list(scheme.pair_levels) == [row.level for row in rows], names
        cords = [9 * (9 - cord) for cord, _ in scheme.pairs]
        assert cords == [row.cord_area for row in rows], names
    assert told
