from hypothesis import settings

# A kernel's first call compiles it, which no deadline allows for.
settings.register_profile("dedup", deadline=None)
settings.load_profile("dedup")
