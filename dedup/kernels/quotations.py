"""What stands inside quotation marks, told while tokens are found: a small machine that turns at marks and paragraphs.

A quotation ends at the next mark of its own family or at the end of its paragraph, where it counts only if it also
began that paragraph: so writers set quotations of several paragraphs. Curly single marks are quotation marks only
where they cannot be apostrophes, and for at most `SINGLE_CHARACTERS`.
"""

import numpy as np

from dedup.kernels.compile import kernel

__all__ = ["CLOSING_SINGLE", "OPENING_SINGLE", "PARAGRAPH", "QUOTED", "STATE", "family_of", "turn"]

QUOTED = 4
"""The flag that is set on quoted tokens."""
SINGLE_CHARACTERS = 1000
PARAGRAPH, OPENING_SINGLE, CLOSING_SINGLE = 0, 6, 7
"""Signs beside the families 1..5 of marks that open and close alike."""
STATE = 4
FAMILY, TOKEN, CHARACTER, PARAGRAPH_TOKEN = range(STATE)
"""Of the open quotation its family (0 when none), first token and place; the first token of the paragraph."""


@kernel
def family_of(code):
    """Which quotation marks belong together: 0 none, 1 straight, 2 curly, 3 guillemets, 4 and 5 corners, 6 single."""
    if code == 0x22 or code == 0xFF02:
        return 1
    if 0x201C <= code <= 0x201F:
        return 2
    if code == 0xAB or code == 0xBB:
        return 3
    if code == 0x300C or code == 0x300D:
        return 4
    if code == 0x300E or code == 0x300F:
        return 5
    if code == 0x2018 or code == 0x2019:
        return 6
    return 0


@kernel
def turn(sign, character, n_tokens, state, flags):
    """Take the sign that stands at `character` behind `n_tokens` tokens; set `QUOTED` on what it shows to be quoted."""
    family = state[FAMILY]
    if sign == PARAGRAPH:
        if 0 < family < OPENING_SINGLE and state[TOKEN] == state[PARAGRAPH_TOKEN]:
            _quote(state[TOKEN], n_tokens, flags)
        state[FAMILY] = 0
        state[PARAGRAPH_TOKEN] = n_tokens
    elif sign == CLOSING_SINGLE:
        if family == OPENING_SINGLE:
            if character - state[CHARACTER] <= SINGLE_CHARACTERS:
                _quote(state[TOKEN], n_tokens, flags)
            state[FAMILY] = 0
    elif family == sign != OPENING_SINGLE:
        _quote(state[TOKEN], n_tokens, flags)
        state[FAMILY] = 0
    elif family == 0 or (family == OPENING_SINGLE and sign != OPENING_SINGLE):
        state[FAMILY], state[TOKEN], state[CHARACTER] = sign, n_tokens, character


@kernel
def _quote(first, last, flags):
    for token in range(first, last):
        flags[token] |= np.uint8(QUOTED)
