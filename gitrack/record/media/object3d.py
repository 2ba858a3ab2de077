"""Point clouds, meshes and molecules."""

import io
import os
from collections.abc import Sequence
from typing import Any, ClassVar

from gitrack.record.media.arrays import array_from, keep_array, kept_array
from gitrack.record.media.base import Item, Media, RecordFiles, Spool
from gitrack.record.values import plain, text_from

_MESHES = ("obj", "gltf", "glb", "babylon", "stl", "pts.json", "ply")
_MOLECULES = ("pdb", "pqr", "mmcif", "mcif", "cif", "sdf", "sd", "gro", "mol2", "mmtf")
_COLUMNS = {3: "x y z", 4: "x y z category", 6: "x y z red green blue"}
_CORNERS = 8


class Object3D(Media):
    """
    A point cloud or a mesh.

    Parameters
    ----------
    data_or_path : array_like, dict, path or text file
        Points of shape (n, 3), (n, 4) with a category, or (n, 6) with red, green, blue from 0 to
        255; W&B's dict with ``points``, ``boxes`` and ``vectors``; or a file (obj, gltf, glb,
        babylon, stl, pts.json, ply), which is kept as it is.
    caption : str, optional
        What stands below it.
    **kwargs : Any
        ``file_type`` of an open file.

    Raises
    ------
    ValueError
        If the points have another shape, or the format is unknown.
    """

    type: ClassVar[str] = "object3d"
    _formats: ClassVar[tuple[str, ...]] = _MESHES

    def __init__(self, data_or_path: Any, caption: str | None = None, **kwargs: Any) -> None:
        self.caption = None if caption is None else text_from(caption)
        self._points: Any = None
        self._file: Any = None
        self._facts: Item = {}
        if isinstance(data_or_path, str | os.PathLike) or hasattr(data_or_path, "read"):
            self._take_file(data_or_path, kwargs.get("file_type"))
        elif isinstance(data_or_path, dict):
            self._take_scene(data_or_path)
        else:
            self._points = array_from(data_or_path)
        if self._points is not None:
            shape = self._points.shape
            if len(shape) != 2 or shape[1] not in _COLUMNS:  # noqa: PLR2004
                raise ValueError(f"points have a shape of (n, 3), (n, 4) or (n, 6), not {shape}")

    @classmethod
    def from_file(cls, data_or_path: Any, file_type: str | None = None) -> "Object3D":
        """Make one from a file, or an open one of the given type."""
        return cls(data_or_path, file_type=file_type)

    @classmethod
    def from_numpy(cls, data: Any) -> "Object3D":
        """Make one from an array of points."""
        return cls(data)

    @classmethod
    def from_point_cloud(
        cls,
        points: Sequence[Any],
        boxes: Sequence[Any],
        vectors: Sequence[Any] | None = None,
        point_cloud_type: str = "lidar/beta",
    ) -> "Object3D":
        """Make one from points, boxes (see `box3d`) and vectors (start and end)."""
        return cls(
            {"type": point_cloud_type, "points": points, "boxes": boxes, "vectors": vectors or []}
        )

    def _take_file(self, source: Any, file_type: str | None) -> None:
        name = "" if hasattr(source, "read") else str(source).lower()
        found = file_type or next((f for f in self._formats if name.endswith(f".{f}")), None)
        if found not in self._formats:
            raise ValueError(f"{source}: the format is none of {', '.join(self._formats)}")
        self._file = source
        self._facts = {"format": found}

    def _take_scene(self, scene: dict[str, Any]) -> None:
        if "points" not in scene:
            raise ValueError("a scene has points")
        self._points = array_from(scene["points"])
        boxes = [_corners(box, index) for index, box in enumerate(scene.get("boxes") or ())]
        vectors = plain(list(scene.get("vectors") or ()), "vectors")
        self._facts = {"boxes": boxes, "vectors": vectors}

    def spool(self, spool: Spool) -> Item:
        """Keep the points or the file."""
        item: Item = {"type": self.type, "caption": self.caption, "facts": self._facts}
        if self._points is not None:
            kept = keep_array(self._points, spool)
        elif hasattr(self._file, "read"):
            content = self._file.read()
            kept = {"name": spool.keep(content.encode() if isinstance(content, str) else content)}
        else:
            kept = {"name": spool.keep_file(self._file)}
        return {**item, **kept, "spooled": [kept["name"]]}

    @classmethod
    def encode(cls, item: Item, spool: Spool, files: RecordFiles) -> Item:
        """Write the points as ``.npy`` of float32, or the file as it is."""
        made: Item = {"type": cls.type, "caption": item["caption"], **item["facts"]}
        if "dtype" not in item:
            return made | files.add(spool.path(item["name"]), f".{item['facts']['format']}")
        import numpy as np

        points = kept_array(item, spool)
        sink = io.BytesIO()
        np.save(sink, np.ascontiguousarray(points, dtype="<f4"), allow_pickle=False)
        return {
            **made,
            **files.add(sink.getvalue(), ".npy"),
            "format": "points",
            "points": len(points),
            "columns": _COLUMNS[points.shape[1]].split(),
        }


class Molecule(Object3D):
    """
    A molecule.

    Parameters
    ----------
    data_or_path : path or text file
        A file: pdb, pqr, mmcif, mcif, cif, sdf, sd, gro, mol2 or mmtf.
    caption : str, optional
        What stands below it.
    **kwargs : Any
        ``file_type`` of an open file.

    Raises
    ------
    ValueError
        If the format is unknown.
    """

    type: ClassVar[str] = "molecule"
    _formats: ClassVar[tuple[str, ...]] = _MOLECULES

    def __init__(self, data_or_path: Any, caption: str | None = None, **kwargs: Any) -> None:
        if not isinstance(data_or_path, str | os.PathLike) and not hasattr(data_or_path, "read"):
            raise ValueError(f"a molecule is a file: {', '.join(_MOLECULES)}")
        super().__init__(data_or_path, caption, **kwargs)

    @classmethod
    def from_rdkit(cls, data_or_path: Any, caption: str | None = None) -> "Molecule":
        """Make one from a molecule of RDKit, with coordinates made where it has none."""
        from rdkit import Chem
        from rdkit.Chem import AllChem

        molecule = data_or_path
        if isinstance(data_or_path, str | os.PathLike):
            molecule = Chem.MolFromMolFile(str(data_or_path))
        if molecule.GetNumConformers() == 0:
            molecule = Chem.AddHs(molecule)
            AllChem.EmbedMolecule(molecule, randomSeed=0)
        return cls(io.StringIO(Chem.rdmolfiles.MolToPDBBlock(molecule)), caption, file_type="pdb")

    @classmethod
    def from_smiles(cls, data: str, caption: str | None = None) -> "Molecule":
        """
        Make one from SMILES by RDKit.

        Raises
        ------
        ValueError
            If RDKit cannot read it.
        """
        from rdkit import Chem

        molecule = Chem.MolFromSmiles(data)
        if molecule is None:
            raise ValueError(f"{data!r} is no SMILES")
        return cls.from_rdkit(molecule, caption)


def box3d(
    *,
    center: Sequence[float],
    size: Sequence[float],
    orientation: Sequence[float],
    color: Sequence[int],
    label: str | None = None,
    score: float | None = None,
) -> dict[str, Any]:
    """
    Return a box of a point cloud by its corners.

    Parameters
    ----------
    center, size : sequence of 3 floats
        Where it is and how long its sides are.
    orientation : sequence of 4 floats
        How it is turned: a quaternion (w, x, y, z), of any length but 0.
    color : sequence of 3 ints
        Red, green, blue, 0 to 255.
    label : str, optional
        Its name.
    score : float, optional
        How sure the model is.

    Raises
    ------
    ValueError
        If one of these has another length.
    """
    import numpy as np

    middle, sides, turn = (np.asarray(part, float) for part in (center, size, orientation))
    if (middle.shape, sides.shape, turn.shape, len(color)) != ((3,), (3,), (4,), 3):
        raise ValueError("a box has 3 numbers for center, size and color, 4 for orientation")
    length = float(np.linalg.norm(turn))
    if not length > 0:
        raise ValueError("an orientation of length 0 turns nothing")
    w, x, y, z = turn / length
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    signs = np.array([[i, j, k] for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)])
    corners = middle + (signs * sides / 2) @ rotation.T
    box: dict[str, Any] = {"corners": corners.tolist(), "color": [int(part) for part in color]}
    if label is not None:
        box["label"] = text_from(label)
    if score is not None:
        box["score"] = float(score)
    return box


def _corners(box: Any, index: int) -> Item:
    found = plain(dict(box), "box") if isinstance(box, dict) else {}
    corners = found.get("corners")
    if not isinstance(corners, list) or len(corners) != _CORNERS:
        raise ValueError(f"box {index} has no 8 corners")
    return {str(key): value for key, value in found.items()}
