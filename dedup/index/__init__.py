"""The persistent index: what has come before, and what an arriving document is to it."""

from dedup.index.index import Index

__all__ = ["Index"]
