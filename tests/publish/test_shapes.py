"""Meshes and molecules are read as their formats say, and what is damaged is refused in a line."""

import json
import struct

import numpy as np
import pytest

from gitrack.publish.sections.objects import in_order, shape_of
from gitrack.publish.shapes.gltf import mesh_from_gltf
from gitrack.publish.shapes.molecule import molecule_from
from gitrack.publish.shapes.obj import mesh_from_obj
from gitrack.publish.shapes.ply import mesh_from_ply
from gitrack.publish.shapes.stl import mesh_from_stl

CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], "<f4")
FACES = [(0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3)]


def triangles(mesh):
    """Return the corners of each triangle, whatever their order among the vertices."""
    return mesh.positions[mesh.corners].tolist()


def glb(nodes, primitive=None, **more):
    binary = CORNERS.tobytes() + np.array(FACES, "<u2").tobytes()
    scene = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": nodes,
        "meshes": [{"primitives": [primitive or {"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5123, "count": 12, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteLength": 48},
            {"buffer": 0, "byteOffset": 48, "byteLength": 24},
        ],
        "buffers": [{"byteLength": len(binary)}],
    } | more
    text = json.dumps(scene).encode()
    text += b" " * (-len(text) % 4)
    head = struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(binary))
    return (
        head
        + struct.pack("<II", len(text), 0x4E4F534A)
        + text
        + struct.pack("<II", len(binary), 0x004E4942)
        + binary
    )


def ply(order, *, mark="<"):
    head = (
        f"ply\nformat {order} 1.0\ncomment a tetrahedron\nelement vertex 4\n"
        "property float x\nproperty float y\nproperty float z\n"
        "property uchar red\nproperty uchar green\nproperty uchar blue\n"
        "element face 4\nproperty list uchar int vertex_indices\nend_header\n"
    ).encode()
    if order == "ascii":
        rows = [f"{x} {y} {z} {i} 0 255" for i, (x, y, z) in enumerate(CORNERS)]
        rows += [f"3 {a} {b} {c}" for a, b, c in FACES]
        return head + "\n".join(rows).encode()
    rows = [struct.pack(f"{mark}3f3B", *place, i, 0, 255) for i, place in enumerate(CORNERS)]
    return head + b"".join(rows) + b"".join(struct.pack(f"{mark}B3i", 3, *one) for one in FACES)


def stl():
    facets = [struct.pack("<12fH", 0, 0, 0, *CORNERS[list(one)].ravel(), 0) for one in FACES]
    return b"solid but binary".ljust(80, b"\0") + struct.pack("<I", 4) + b"".join(facets)


@pytest.mark.parametrize(
    ("order", "mark"),
    [("ascii", ""), ("binary_little_endian", "<"), ("binary_big_endian", ">")],
)
def test_a_ply_is_read_in_text_and_in_both_orders_of_bytes(order, mark):
    mesh = mesh_from_ply(ply(order, mark=mark))
    assert mesh.positions.tolist() == CORNERS.tolist()
    assert mesh.corners.tolist() == [list(one) for one in FACES]
    assert mesh.colours.tolist() == [[i, 0, 255] for i in range(4)]


def test_a_ply_has_faces_of_many_corners():
    head, _, _ = ply("binary_little_endian").partition(b"element face")
    content = head + b"element face 2\nproperty list uchar int vertex_index\nend_header\n"
    content += b"".join(struct.pack("<3f3B", *place, 0, 0, 0) for place in CORNERS)
    content += struct.pack("<B4i", 4, 0, 1, 2, 3) + struct.pack("<B3i", 3, 3, 1, 0)
    assert mesh_from_ply(content).corners.tolist() == [[0, 1, 2], [0, 2, 3], [3, 1, 0]]


def test_colours_of_a_ply_may_be_shares_of_one():
    content = b"ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\n"
    content += b"property float z\nproperty float red\nproperty float green\n"
    content += b"property float blue\nend_header\n0 0 0 1 0.5 0\n"
    assert mesh_from_ply(content).colours.tolist() == [[255, 127, 0]]


def test_a_ply_of_points_alone_is_a_cloud():
    content = b"ply\nformat ascii 1.0\nelement vertex 2\nproperty double x\nproperty double y\n"
    content += b"property double z\nend_header\n1 2 3\n4 5 6\n"
    words, data = shape_of(content, "ply", {})
    assert words == "2 points"
    assert "points" in data


def test_an_stl_is_read_in_text_and_in_binary():
    whole = CORNERS[np.array(FACES)].tolist()
    assert triangles(mesh_from_stl(stl())) == whole
    lines = ["solid x"]
    for face in whole:
        lines += ["facet normal 0 0 0", "outer loop"]
        lines += [f"vertex {x} {y} {z}" for x, y, z in face] + ["endloop", "endfacet"]
    mesh = mesh_from_stl("\n".join(lines).encode())
    assert triangles(mesh) == whole
    assert len(mesh.positions) == 4


def test_an_obj_has_faces_of_many_corners_places_from_the_end_and_normals():
    text = b"# x\nv 0 0 0 1 0 0\nv 1 0 0 0 1 0\nv 1 1 0 0 0 1\nv 0 1 0 1 1 1\nvn 0 0 1\n"
    mesh = mesh_from_obj(text + b"f 1//1 2//1 3//1 4//1\nf -4//-1 -2//-1 -1//-1\n")
    assert mesh.corners.tolist() == [[0, 1, 2], [0, 2, 3], [0, 2, 3]]
    assert mesh.normals.tolist() == [[0, 0, 1]] * 4
    assert mesh.colours.tolist() == [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]


def test_a_glb_stands_where_its_nodes_put_it():
    half = 0.5**0.5
    nodes = [
        {"children": [1], "translation": [10, 0, 0]},
        {"mesh": 0, "scale": [2, 2, 2], "rotation": [0, 0, half, half]},
    ]
    mesh = mesh_from_gltf(glb(nodes))
    assert np.allclose(mesh.positions, [[10, 0, 0], [10, 2, 0], [8, 0, 0], [10, 0, 2]], atol=1e-5)
    assert mesh.corners.tolist() == [list(one) for one in FACES]


def test_a_strip_is_turned_round_every_second_time():
    primitive = {"attributes": {"POSITION": 0}, "mode": 5}
    mesh = mesh_from_gltf(glb([{"mesh": 0}], primitive))
    assert mesh.corners.tolist() == [[0, 1, 2], [2, 1, 3]]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (glb([{"children": [0], "mesh": 0}]), "without end"),
        (glb([{"mesh": 7}]), "damaged"),
        (glb([{"mesh": 0}], extensionsRequired=["KHR_draco_mesh_compression"]), "draco"),
        (glb([{"mesh": 0}], buffers=[{"byteLength": 9, "uri": "../secret.bin"}]), "another file"),
        (glb([{"mesh": 0}])[:-30], "cut short"),
        (glb([{"mesh": -1}]), "no place"),
        (glb([{"mesh": 0, "matrix": [1, 2]}]), "reshape"),
        (b"{}", "no mesh"),
        (b"[]", "damaged"),
        (b"\xff\xfe", "no JSON"),
        (b"glTF", "damaged"),
    ],
)
def test_a_damaged_glb_says_what_is_wrong(content, why):
    with pytest.raises(ValueError, match=why):
        mesh_from_gltf(content)


@pytest.mark.parametrize(
    ("content", "kind", "why"),
    [
        (b"f 1 2 3\n", "obj", "line 1"),
        (b"v 1 2 x\n", "obj", "line 1"),
        (b"v nan 0 0\nv 0 0 0\nv 1 1 1\nf 1 2 3\n", "obj", "not finite"),
        (b"", "obj", "no vertices"),
        (stl()[:-10], "stl", "cut short"),
        (b"solid x\nfacet\nvertex 1 2 3\n", "stl", "cut short"),
        (b"ply\n", "ply", "no head"),
        (ply("binary_little_endian")[:-5], "ply", "cut short"),
        (b"ply\nformat ascii 1.0\nelement vertex -1\nend_header\n", "ply", "head is damaged"),
        (b"ply\nformat ascii 1.0\nelement vertex 999999999\nend_header\n", "ply", "too many"),
        (b"ply\nformat ascii 1.0\nelement face 0\nend_header\n", "ply", "'x'"),
        (b"garbage", "points", "no array"),
        (b"[]", "pts.json", "cannot be drawn"),
        (b"{}", "pts.json", "no points"),
        (b"x", "babylon", "cannot be read"),
        (b"x", "mmtf", "cannot be read"),
        (b"", "pdb", "no atoms"),
        (b"\n\n\n 99 99 V3000\n", "sdf", "V3000"),
        (b"\n\n\n 99 99 V2000\n", "sdf", "no atoms"),
        (b"x\n", "sdf", "damaged"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_a_line(content, kind, why):
    with pytest.raises(ValueError, match=why) as caught:
        shape_of(content, kind, {})
    assert "\n" not in str(caught.value)


def test_a_molecule_has_the_bonds_that_its_file_tells():
    text = "x\n\n\n  3  2  0  V2000\n"
    text += (
        "    0.0 0.0 0.0 O 0\n    0.96 0.0 0.0 H 0\n   -0.24 0.93 0.0 H 0\n  1  2  1\n  1  3  1\n"
    )
    water = molecule_from(text.encode(), "sdf")
    assert water.elements == ["O", "H", "H"]
    assert water.bonds == [(0, 1), (0, 2)]


def test_a_molecule_without_bonds_gets_those_of_its_distances():
    line = "ATOM  {:5d} {:<4} ALA A   1    {:8.3f}{:8.3f}{:8.3f}  1.00  0.00          {:>2}"
    atoms = [
        ("N", 0, 0, 0, "N"),
        ("CA", 1.46, 0, 0, "C"),
        ("C", 2.0, 1.42, 0, "C"),
        ("H9", 9, 9, 9, "H"),
    ]
    text = "\n".join(line.format(i, n, x, y, z, e) for i, (n, x, y, z, e) in enumerate(atoms, 1))
    made = molecule_from(text.encode(), "pdb")
    assert made.elements == ["N", "C", "C", "H"]
    assert made.bonds == [(0, 1), (1, 2)]


def test_a_mol2_and_a_cif_are_read():
    mol2 = "@<TRIPOS>ATOM\n1 C1 0 0 0 C.3 1 X 0\n2 N1 1.4 0 0 N.am 1 X 0\n@<TRIPOS>BOND\n1 1 2 1\n"
    assert molecule_from(mol2.encode(), "mol2").bonds == [(0, 1)]
    names = ["group_PDB", "type_symbol", "Cartn_x", "Cartn_y", "Cartn_z"]
    cif = "loop_\n" + "".join(f"_atom_site.{name}\n" for name in names)
    cif += "ATOM C 0 0 0\nATOM O 1.2 0 0\n#\nATOM N 9 9 9\n"
    made = molecule_from(cif.encode(), "cif")
    assert (made.elements, made.bonds) == (["C", "O"], [(0, 1)])


def test_a_cloud_keeps_its_finite_points_with_their_categories(unpacked):
    import io

    points = np.array([[0, 0, 0, 7], [1, 2, 3, 2], [np.nan, 0, 0, 2], [4, 5, 6, 7]], "<f4")
    sink = io.BytesIO()
    np.save(sink, points)
    box = {"corners": CORNERS.tolist() * 2, "color": [300, -5, 7], "label": "<b>", "score": 0.5}
    bad = {"corners": [[0, 0, np.inf]] * 8}
    words, data = shape_of(sink.getvalue(), "points", {"boxes": [box, bad, 3], "vectors": [{}]})
    assert words == "4 points, 1 box"
    assert unpacked(data["points"]["at"]).tolist() == [0, 0, 0, 1, 2, 3, 4, 5, 6]
    assert data["points"]["categories"] == [2, 7]
    assert unpacked(data["points"]["category"]).tolist() == [1, 0, 1]
    assert data["boxes"][0]["colour"] == [255, 0, 7]
    assert data["vectors"] == []


def test_corners_in_any_order_make_the_twelve_edges_of_a_box():
    rng = np.random.default_rng(1)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    bits = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    corners = (bits * [1, 2, 5]) @ turn.T + [10, -3, 2]
    ordered = np.array(in_order([tuple(one) for one in corners[rng.permutation(8)].tolist()]))
    lengths = [
        round(float(np.linalg.norm(ordered[i] - ordered[i ^ bit])), 6)
        for i in range(8)
        for bit in (1, 2, 4)
    ]
    assert sorted(lengths) == [1] * 8 + [2] * 8 + [5] * 8
