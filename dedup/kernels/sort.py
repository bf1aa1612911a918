"""Sorting inside kernels. NumPy's sort would do, but takes seconds to compile wherever it is used."""

from dedup.kernels.compile import kernel

__all__ = ["sort"]


@kernel
def sort(values, n):
    """Sort the first `n` values in place, by insertion over shrinking gaps [Shell 1959; gaps near Tokuda's of 1992]."""
    gap = 1
    while gap < n // 2:
        gap = gap * 9 // 4 + 1
    while gap > 0:
        for i in range(gap, n):
            value = values[i]
            at = i
            while at >= gap and values[at - gap] > value:
                values[at] = values[at - gap]
                at -= gap
            values[at] = value
        gap = max(1, (gap - 1) * 4 // 9) if gap > 1 else 0
