"""The tables of characters: what each is and folds to. No kernel has a part in them."""

import numpy as np

from dedup.data import make_unicode
from dedup.stages import sketch
from tests import naive


def test_folds__of_every_character():
    for code in range(0x110000):
        character = chr(code)
        kind = naive.kind(character)
        assert make_unicode.KINDS[make_unicode.kind_of(code) & 7] == kind
        if kind in ("word", "character", "mark"):
            assert make_unicode.fold_of(code) == naive.folded(character), hex(code)


def test_tables__are_those_of_the_script():
    built, stored = make_unicode.build(), sketch.tables()
    for name in ("block", "kinds", "folds"):
        assert np.array_equal(built[name], getattr(stored, name))
