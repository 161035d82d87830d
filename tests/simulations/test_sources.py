"""Maps of a split from each kind of source."""

import numpy as np
import pytest

from lofi.data.sights import Sight
from simulations.images.nbody.born import draw_map, lens_planes
from simulations.images.nbody.planes import BoxSettings, read_box, simulate_box, write_box
from simulations.images.nbody.transfer import fit_map_transfer, fit_slab_transfer, write_transfers
from simulations.images.sources import analytic_maps, ktng_maps, nbody_maps


def test_nbody_maps_come_from_their_boxes_and_do_not_depend_on_shards(theory, tmp_path):
    settings = BoxSettings(particles=16, mesh=32, steps=12, plane_pixels=64)
    boxes = []
    for number in range(2):
        boxes.append(tmp_path / f"box{number}.h5")
        write_box(boxes[-1], simulate_box(theory, settings, ("test", "box", number)))
    slab = fit_slab_transfer([read_box(path, planes=False) for path in boxes], theory)
    shape, pixel = (16, 16), 300 / 16
    raw = nbody_maps_without_transfer(boxes, slab, shape, pixel)
    write_transfers(tmp_path / "transfer.h5", slab, fit_map_transfer(raw, pixel, theory))
    drawn_from = [7, 7, 7, 9, 9]
    settings = (tmp_path / "transfer.h5", theory, shape)
    sights = [Sight(pixel, 0.857522)] * 5
    maps = nbody_maps(dict(zip((7, 9), boxes, strict=True)), drawn_from, *settings, sights, range(5), ("test", "split"))
    assert maps.shape == (5, *shape)
    assert np.isfinite(maps).all()
    last = nbody_maps(
        {9: boxes[1]}, [9, 9], *settings, sights[3:], range(3, 5), ("test", "split")
    )  # a shard, from its own box
    assert (last == maps[3:]).all()


def nbody_maps_without_transfer(boxes, slab, shape, pixel):
    planes = [lens_planes(read_box(path), slab) for path in boxes]
    rng = np.random.default_rng(0)
    return np.stack([draw_map(p, shape, pixel, rng) for p in planes for _ in range(10)])


@pytest.mark.parametrize("kind", ["lognormal", "gaussian"])
def test_a_map_depends_on_its_number_alone(theory, kind):
    few = analytic_maps(kind, theory, (32, 32), 9.375, range(2, 4), ("a",))
    more = analytic_maps(kind, theory, (32, 32), 9.375, range(5), ("a",))
    assert (more[2:4] == few).all()


def test_ktng_maps_come_from_the_users_folder(tmp_path):
    rng = np.random.default_rng(0)
    for number in (1, 2):
        folder = tmp_path / f"LP{number:03d}"
        folder.mkdir()
        np.save(folder / f"LP{number:03d}_run001.npy", rng.normal(0, 0.02, (1024, 1024)).astype(np.float32))
    source = {"kind": "ktng", "folder": str(tmp_path), "plane": 20}
    pixel, redshift = 300 / 128, 0.857522
    maps, sets = ktng_maps(source, (1, 2), 128, pixel, redshift, range(2), 2)
    assert maps.shape == (2, 128, 128)
    assert list(sets) == [1, 2]
    assert maps.std() == pytest.approx(0.02 / 8, rel=0.02)  # 8 × 8 averages
    assert ktng_maps(source, (2, 2), 128, pixel, redshift, range(1), 1)[1] == [2]
    (tmp_path / "LP001/LP001_run001.npy").write_bytes(b"")  # a shard reads its own files only
    assert (ktng_maps(source, (1, 2), 128, pixel, redshift, range(1, 2), 2)[0] == maps[1:]).all()
    np.save(tmp_path / "LP001/LP001_run001.npy", rng.normal(0, 0.02, (1024, 1024)))
    with pytest.raises(ValueError, match="holds 2 maps of plane 20; the split asks for 3"):
        ktng_maps(source, (1, 2), 128, pixel, redshift, range(3), 3)
    with pytest.raises(ValueError, match=r"plane 20 is at redshift 0\.8575, but source_redshift is 1\.5"):
        ktng_maps(source, (1, 2), 128, pixel, 1.5, range(2), 2)
    with pytest.raises(ValueError, match=r"span 300′, but field\.extent_arcmin is 150"):
        ktng_maps(source, (1, 2), 128, pixel / 2, redshift, range(2), 2)
    cropped = source | {"pixelisation": "authors_crop"}
    with pytest.raises(ValueError, match=r"span 37\.5′"):
        ktng_maps(cropped, (1, 2), 128, pixel, redshift, range(2), 2)
    with pytest.warns(UserWarning, match="8 times too small"):
        maps, _ = ktng_maps(cropped, (1, 2), 128, 37.5 / 128, redshift, range(2), 2)
    assert maps.std() == pytest.approx(0.02, rel=0.02)
