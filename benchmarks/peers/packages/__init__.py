"""One package a file: `REQUIREMENTS`, `SETTINGS` in words, and `clusters(path, folder)`, pairs of id and cluster.

They run in an environment of their own, where nothing of ours is installed.
"""
