from hypothesis import settings

from tests import SLOW

# A kernel's first call compiles it, which no deadline allows for.
settings.register_profile("dedup", deadline=None, max_examples=10 if SLOW else 100)
settings.load_profile("dedup")
