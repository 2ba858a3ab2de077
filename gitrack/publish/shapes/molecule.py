"""Molecules: atoms with their elements, and the bonds between them."""

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

#: Atoms that a page can be asked to hold.
MOST = 200_000
_TOLERANCE = 0.45  # ångström by which a bond may be longer than both radii
_NEAREST = 0.4
_USUAL_RADIUS = 0.77
#: Covalent radii in ångström (Cordero et al., 2008), of the elements that molecules are made of.
_RADII = {
    "H": 0.31, "B": 0.84, "C": 0.76, "N": 0.71, "O": 0.66, "F": 0.57, "NA": 1.66, "MG": 1.41,
    "AL": 1.21, "SI": 1.11, "P": 1.07, "S": 1.05, "CL": 1.02, "K": 2.03, "CA": 1.76, "MN": 1.39,
    "FE": 1.32, "CO": 1.26, "NI": 1.24, "CU": 1.32, "ZN": 1.22, "SE": 1.20, "BR": 1.20, "I": 1.39,
}  # fmt: skip
_PDB_ATOM, _PDB_WIDTH = ("ATOM", "HETATM"), 54
_SDF_HEAD = 4  # lines before the atoms
_NANOMETRE = 10.0  # ångström
_LETTERS = re.compile(r"[A-Za-z]+")


@dataclass
class Molecule:
    """
    Atoms and bonds.

    Attributes
    ----------
    elements : list of str
        Each atom's element: "C", "Cl" …
    positions : list of list of 3 floats
        Where each is, in ångström.
    bonds : list of (int, int)
        Which atoms are bound.
    """

    elements: list[str] = field(default_factory=list)
    positions: list[list[float]] = field(default_factory=list)
    bonds: list[tuple[int, int]] = field(default_factory=list)

    def add(self, element: str, position: Sequence[str]) -> None:
        """Append an atom."""
        found = _LETTERS.match(element.strip())
        self.elements.append(found[0].capitalize() if found else "?")
        self.positions.append([float(part) for part in position])
        if len(self.elements) > MOST:
            raise ValueError(f"more than {MOST:,} atoms are too many for a page")


def molecule_from(content: bytes, kind: str) -> Molecule:
    """
    Read a molecule's first model; bonds that a file does not tell follow from the distances.

    Parameters
    ----------
    content : bytes
        The file.
    kind : str
        "pdb", "pqr", "mmcif", "mcif", "cif", "sdf", "sd", "gro" or "mol2".

    Raises
    ------
    ValueError
        If it is damaged, too large, or of another kind.
    """
    import numpy as np

    if kind not in _READERS:
        raise ValueError(f"{kind} cannot be read here")
    try:
        molecule = _READERS[kind](content.decode("utf-8", "replace").splitlines())
    except (IndexError, KeyError) as error:
        raise ValueError(f"its structure is damaged ({error})") from error
    count = len(molecule.elements)
    if not count:
        raise ValueError("it has no atoms")
    if not np.isfinite(np.array(molecule.positions)).all():
        raise ValueError("an atom's place is not finite")
    molecule.bonds = sorted(
        {
            (min(bond), max(bond))
            for bond in molecule.bonds or _near(molecule)
            if 0 <= min(bond) < max(bond) < count
        }
    )
    return molecule


def _pdb(lines: Sequence[str]) -> Molecule:
    """Read fixed columns; the format's guide, version 3.3, 2012."""
    made = Molecule()
    serials: dict[str, int] = {}
    wanted: list[tuple[str, str]] = []
    for line in lines:
        word = line[:6].strip()
        if word in _PDB_ATOM and len(line) >= _PDB_WIDTH:
            serials[line[6:11].strip()] = len(made.elements)
            element = line[76:78].strip() or line[12:14].strip(" 0123456789") or line[12:16]
            made.add(element, [line[30:38], line[38:46], line[46:54]])
        elif word == "CONECT":
            ends = [line[at : at + 5].strip() for at in range(6, len(line), 5)]
            wanted += [(ends[0], end) for end in ends[1:] if end]
        elif word == "ENDMDL":
            break
    near = _near(made) if len(wanted) < len(made.elements) - 1 else ()
    told = [(serials[a], serials[b]) for a, b in wanted if a in serials and b in serials]
    made.bonds = [*told, *near]  # a PDB tells of the bonds of what is no chain alone
    return made


def _pqr(lines: Sequence[str]) -> Molecule:
    made = Molecule()
    for line in lines:
        words = line.split()
        if words[:1] and words[0] in _PDB_ATOM:
            made.add(words[2][:1], words[-5:-2])
    return made


def _sdf(lines: Sequence[str]) -> Molecule:
    """Read a connection table, V2000, of the first molecule."""
    made = Molecule()
    counts = lines[_SDF_HEAD - 1]
    if "V3000" in counts:
        raise ValueError("V3000 cannot be read here")
    atoms, bonds = int(counts[:3]), int(counts[3:6])
    for line in lines[_SDF_HEAD : _SDF_HEAD + atoms]:
        words = line.split()
        made.add(words[3], words[:3])
    for line in lines[_SDF_HEAD + atoms : _SDF_HEAD + atoms + bonds]:
        made.bonds.append((int(line[:3]) - 1, int(line[3:6]) - 1))
    return made


def _mol2(lines: Sequence[str]) -> Molecule:
    made = Molecule()
    part = ""
    places: dict[str, int] = {}
    for line in lines:
        if line.startswith("@<TRIPOS>"):
            part = line.strip()
            if part == "@<TRIPOS>MOLECULE" and made.elements:
                break
            continue
        words = line.split()
        if part == "@<TRIPOS>ATOM" and words:
            places[words[0]] = len(made.elements)
            made.add(words[5].partition(".")[0], words[2:5])
        elif part == "@<TRIPOS>BOND" and words:
            made.bonds.append((places[words[1]], places[words[2]]))
    return made


def _gro(lines: Sequence[str]) -> Molecule:
    made = Molecule()
    for line in lines[2 : 2 + int(lines[1])]:
        made.add(line[10:15].strip()[:1], [line[20:28], line[28:36], line[36:44]])
    made.positions = [[part * _NANOMETRE for part in one] for one in made.positions]
    return made


def _cif(lines: Sequence[str]) -> Molecule:
    """Read the loop of ``_atom_site``; crystals whose places are shares of a cell are refused."""
    made = Molecule()
    names: list[str] = []
    for line in lines:
        text = line.strip()
        if text.startswith("_atom_site."):
            names.append(text.split()[0].removeprefix("_atom_site."))
        elif names and text and not text.startswith(("#", "_", "loop_")):
            words = shlex.split(text) if "'" in text or '"' in text else text.split()
            row = dict(zip(names, words, strict=False))
            if row.get("pdbx_PDB_model_num", "1") not in ("1", ".", "?"):
                break
            made.add(row["type_symbol"], [row[f"Cartn_{axis}"] for axis in "xyz"])
        elif names and made.elements:
            break
    if not made.elements and any(line.strip().startswith("_atom_site_") for line in lines):
        raise ValueError("a crystal's cell cannot be drawn here")
    return made


def _near(molecule: Molecule) -> Iterator[tuple[int, int]]:
    """Yield the atoms that are close enough to be bound, found cell by cell."""
    longest = 2 * max(_RADII.values(), default=0) + _TOLERANCE
    side = min(longest, 2.6)
    cells: dict[tuple[int, int, int], list[int]] = {}
    radii = [_RADII.get(element.upper(), _USUAL_RADIUS) for element in molecule.elements]
    for place, (x, y, z) in enumerate(molecule.positions):
        if not all(abs(part) < 1e6 for part in (x, y, z)):  # noqa: PLR2004  no ångström
            raise ValueError("an atom's place is not finite")
        cells.setdefault((int(x // side), int(y // side), int(z // side)), []).append(place)
    around = [(i, j, k) for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)]
    for (x, y, z), members in cells.items():
        others = [one for i, j, k in around for one in cells.get((x + i, y + j, z + k), ())]
        if len(others) > 2000:  # noqa: PLR2004  far more than atoms leave room for
            raise ValueError("its atoms stand in one another")
        for first in members:
            for second in others:
                if second <= first:
                    continue
                pairs = zip(molecule.positions[first], molecule.positions[second], strict=True)
                distance = sum((a - b) ** 2 for a, b in pairs) ** 0.5
                if _NEAREST < distance < radii[first] + radii[second] + _TOLERANCE:
                    yield first, second


_READERS: dict[str, Callable[[Sequence[str]], Molecule]] = {
    "pdb": _pdb,
    "pqr": _pqr,
    "sdf": _sdf,
    "sd": _sdf,
    "mol2": _mol2,
    "gro": _gro,
    "cif": _cif,
    "mcif": _cif,
    "mmcif": _cif,
}
