from __future__ import annotations

from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from pyrhi.io.sorted_names import SortedNames

TEXTS = st.lists(st.text("ab椎.z", max_size=4), max_size=12)


@given(TEXTS, TEXTS)
def test_names_and_their_places_are_those_of_a_list(names: list[str], asked: list[str]):
    names.sort()
    kept = SortedNames(names)
    assert [*kept] == [kept[i] for i in range(len(kept))] == names
    for text in [*names, *asked, *names]:
        assert kept.place(text) == bisect_left(names, text)
