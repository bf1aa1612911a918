"""Names for the array types that stages exchange. Apart from `records` so that `import dedup` loads no NumPy."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bytes", "Hashes", "Positions", "Rows", "Scores", "Signatures"]

Bytes: TypeAlias = NDArray[np.uint8]
Hashes: TypeAlias = NDArray[np.uint64]
Rows: TypeAlias = NDArray[np.int64]
Positions: TypeAlias = NDArray[np.int32]
Scores: TypeAlias = NDArray[np.float64]
Signatures: TypeAlias = NDArray[np.uint32]
