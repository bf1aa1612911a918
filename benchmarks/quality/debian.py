"""Packages of Debian: what a suite has, fetched once and checked, and their files read in memory.

Nothing of an archive is unpacked to the disk. The index itself is taken as the mirror gives it: its hash stands in a
file that only tools beyond the standard library could check the signature of.
"""

import hashlib
import io
import lzma
import re
import tarfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from dedup.errors import InputError, OutputError
from dedup.io import compressed

MIRROR = "http://deb.debian.org/debian"
TIMEOUT_S = 60
_AR, _AR_HEADER_BYTES = b"!<arch>\n", 60
_FIELD = re.compile(r"^(Package|Version|Filename|SHA256): (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """One package of one suite, and what its archive hashes to."""

    name: str
    suite: str
    version: str
    path: str
    sha256: str


def find(mirror: str, suite: str, names: Collection[str], folder: Path) -> list[Package]:
    """The packages of these names, in their order; the index of the suite is kept in `folder`."""
    index = folder / suite / "Packages.xz"
    # All that is asked for is of no architecture, and the index of those is half as large as one with programs.
    url = f"{mirror}/dists/{suite}/main/binary-all/Packages.xz"
    if not index.exists():
        _keep(index, _fetch(url))
    try:
        stanzas = lzma.decompress(index.read_bytes()).decode("utf-8").split("\n\n")
    except (OSError, EOFError, ValueError, lzma.LZMAError) as error:
        raise InputError(f"cannot read {index}, of {url}: {error}") from None
    found = {fields["Package"]: fields for stanza in stanzas if (fields := dict(_FIELD.findall(stanza)))}
    if missing := [name for name in names if name not in found]:
        raise InputError(f"{suite} has no package {missing[0]} among the {len(found)} of {url}")
    return [_package(suite, found[name], url) for name in names]


def archive(mirror: str, package: Package, folder: Path) -> bytes:
    """The archive of a package, from `folder` where it was kept there and is whole."""
    kept = folder / package.suite / Path(package.path).name
    if kept.exists() and _sha256(found := kept.read_bytes()) == package.sha256:
        return found
    url = f"{mirror}/{package.path}"
    found = _fetch(url)
    if (got := _sha256(found)) != package.sha256:
        raise InputError(f"{url} must have the SHA256 {package.sha256} of the index of {package.suite}, got {got}")
    _keep(kept, found)
    return found


def files(package: Package, deb: bytes, wanted: re.Pattern[str]) -> Iterator[tuple[re.Match[str], bytes]]:
    """Each regular file whose whole path, as in `usr/share/man/man1/ls.1.gz`, is `wanted`, and what it holds."""
    with _data(package, deb) as data:
        for member in data:
            path = wanted.fullmatch(member.name.removeprefix("./"))
            # Links lead to pages that come under their own names.
            if path and member.isreg() and (opened := data.extractfile(member)):
                yield path, opened.read()


def _data(package: Package, deb: bytes) -> tarfile.TarFile:
    for name, content in _members(deb):
        if name.startswith("data.tar"):
            # Older versions of `tarfile` know no zstd.
            packed = not name.endswith(".zst")
            whole = content if packed else b"".join(compressed.chunks(io.BytesIO(content)))
            return tarfile.open(fileobj=io.BytesIO(whole), mode="r|*" if packed else "r|")
    raise InputError(f"{package.path} must hold data.tar, got {[name for name, _ in _members(deb)]}")


def _members(deb: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and contents of an archive of `ar`: a header of fixed fields each, and contents padded to even length."""
    at = len(_AR) if deb.startswith(_AR) else len(deb)
    while at + _AR_HEADER_BYTES <= len(deb):
        name, size = deb[at : at + 16], int(deb[at + 48 : at + 58])
        at += _AR_HEADER_BYTES
        yield name.decode("ascii").strip().rstrip("/"), deb[at : at + size]
        at += size + size % 2


def _package(suite: str, fields: dict[str, str], url: str) -> Package:
    if missing := {"Version", "Filename", "SHA256"} - fields.keys():
        raise InputError(f"{url} has no {min(missing)} of {fields['Package']}")
    return Package(
        name=fields["Package"], suite=suite, version=fields["Version"], path=fields["Filename"], sha256=fields["SHA256"]
    )


def _fetch(url: str) -> bytes:
    try:
        # The mirror is the caller's own, and may be a folder.
        with urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310
            found: bytes = answer.read()
            return found
    except (OSError, HTTPException, ValueError) as error:
        raise InputError(f"cannot fetch {url}: {error}") from None


def _keep(path: Path, content: bytes) -> None:
    """Write a file that is there as a whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
