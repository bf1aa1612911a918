"""What the members of an open component have to say for one another: evidence for a center, loyalty to it."""

import numpy as np

from dedup.kernels.compile import kernel

__all__ = ["evidence", "loyalty"]

UNITS = 1e9
"""Units to 1: sums are compared in whole ones, so that the order in which they were added does not decide."""


@kernel
def evidence(rows, graph, component, out):
    """Write the sum of each row's matches within its component into `out`, int64 (n,), in units.

    `rows` int64 (n,); `graph` are offsets, others, confidences: the matches of all rows, by row and then by the other;
    `component` int64 (n_rows,) is -1 for rows that are in none.
    """
    offsets, others, confidences = graph
    for i in range(len(rows)):
        total = 0.0
        for at in range(offsets[rows[i]], offsets[rows[i] + 1]):
            if component[others[at]] >= 0:
                total += confidences[at]
        out[i] = np.int64(np.rint(total * UNITS))


@kernel
def loyalty(rows, graph, standing, centers, own, out):
    """Write how much more evidence each row has with those near its center than with others, int64 (n,), in units.

    `standing` int8 (n_rows,) is 1 for rows near their center, -1 for others in a component, 0 for all else; `centers`
    int64 (n,) are those of the rows, `own` (n,) the confidences of each and its center. `rows` and `graph` as above.
    """
    offsets, others, confidences = graph
    for i in range(len(rows)):
        inside, outside = 0.0, 0.0
        for at in range(offsets[rows[i]], offsets[rows[i] + 1]):
            if others[at] != centers[i]:
                inside += confidences[at] if standing[others[at]] > 0 else 0.0
                outside += confidences[at] if standing[others[at]] < 0 else 0.0
        out[i] = np.int64(np.rint((inside + own[i] - outside) * UNITS))
