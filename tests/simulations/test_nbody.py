"""N-body boxes: gravity, planes, transfers, light cone; small sizes and an invented power spectrum."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.fft
from smooth_theory import smooth_theory

from lofi.seeds import stream
from simulations.images.gaussian import coloured_noise
from simulations.images.nbody import born, particle_mesh, planes, transfer
from simulations.theory import HUBBLE_DISTANCE

PIXEL = 2.34375
SMALL = planes.BoxSettings(box_size=200.0, particles=16, mesh=32, steps=6, plane_pixels=64)


@pytest.fixture(scope="module")
def theory():
    return smooth_theory(0.44)


@pytest.fixture(scope="module")
def box(theory):
    return planes.simulate_box(theory, SMALL, ("test", "box", 0))


@pytest.fixture
def scattered():
    return stream("test", "particles").uniform(0, 16, (3, 5000)).astype(np.float32)


def test_painting_conserves_mass_and_centres_on_the_particle(scattered):
    density = particle_mesh.paint(scattered, 16)
    assert density.dtype == np.float32
    assert abs(density.mean(dtype=float)) < 1e-6
    one = particle_mesh.paint(np.array([[15.25], [3.0], [7.5]], np.float32), 16) + 1
    expected = np.zeros((16, 16, 16))
    for i, weight in ((15, 0.75), (0, 0.25)):  # periodic
        expected[i, 3, 7:9] = weight / 2
    np.testing.assert_allclose(one / 16**3, expected, atol=1e-6)


def test_a_position_rounded_up_to_the_edge_is_the_origin():
    edge, origin = (particle_mesh.paint(np.full((3, 1), x, np.float32), 8) for x in (8.0, 0.0))
    assert np.array_equal(edge, origin)


def test_gravity_conserves_momentum_and_pulls_to_mass(scattered):
    momenta = np.zeros_like(scattered)
    particle_mesh.Gravity(16).kick(momenta, scattered, 1.0)
    assert np.abs(momenta.mean(axis=1, dtype=float)).max() < 1e-4 * momenta.std()
    pair = np.array([[6.0, 10.0], [8.0, 8.0], [8.0, 8.0]], np.float32)
    pull = np.zeros_like(pair)
    particle_mesh.Gravity(16).kick(pull, pair, 1.0)
    assert pull[0, 0] > 0 > pull[0, 1]
    assert np.abs(pull[1:]).max() < 1e-4 * pull[0, 0]


def test_force_of_a_plane_wave():
    mesh, lattice = 32, np.arange(32, dtype=np.float32)
    sites = np.stack(np.meshgrid(lattice, lattice, lattice, indexing="ij")).reshape(3, -1)
    k, amplitude = 2 * np.pi * 2 / mesh, 0.01
    sites += 0.5
    positions = sites.copy()
    positions[0] -= amplitude * np.sin(k * sites[0]) / k  # Zel'dovich: delta = amplitude · cos(k x)
    momenta = np.zeros_like(sites)
    particle_mesh.Gravity(mesh).kick(momenta, np.mod(positions, np.float32(mesh)), 1.0)
    expected = -amplitude * np.sin(k * sites[0]) / k
    assert np.abs(momenta[0] - expected).max() < 0.05 * np.abs(expected).max()


@pytest.mark.parametrize("steps", [3, 12])
def test_large_scales_grow_linearly(theory, steps):
    size, mesh, outputs = 32, 64, np.array([0.3, 0.6])
    modes = particle_mesh.gaussian_density(theory.linear_power, size, 2000.0, ("test", "growth"))
    positions, momenta = particle_mesh.initial_conditions(modes, mesh, 0.1, theory)
    low = (slice(0, 3), slice(0, 3), slice(0, 3))

    k = particle_mesh.wavenumbers(mesh)
    offset = np.exp(0.5j * (k[0] + k[1] + k[2]))[low]  # the lattice starts half a cell off the mesh

    def gain(current):
        density = scipy.fft.rfftn(particle_mesh.paint(current, mesh))[low] * offset * (size / mesh) ** 3
        return (density * modes[low].conj()).real.sum() / (np.abs(modes[low]) ** 2).sum()

    assert gain(positions) == pytest.approx(theory.growth(0.1), rel=0.03)
    for index, current in particle_mesh.evolve(positions, momenta, mesh, 0.1, outputs, steps, theory):
        assert gain(current) == pytest.approx(theory.growth(outputs[index]), rel=0.03)
    assert index == 1


def test_initial_field_has_the_power_asked_for(theory):
    size, side = 32, 500.0
    modes = particle_mesh.gaussian_density(theory.linear_power, size, side, ("test", "power"))
    k = np.sqrt(sum(axis**2 for axis in particle_mesh.wavenumbers(size, side)))
    ring = (k > 0.05) & (k < 0.15)
    measured = np.abs(modes[ring]) ** 2 * side**3 / size**6 / theory.linear_power(k[ring])
    assert measured.mean() == pytest.approx(1.0, abs=5 / np.sqrt(ring.sum()))


def test_second_order_vanishes_for_a_plane_wave(theory):
    modes = np.zeros((16, 16, 9), np.complex64)
    modes[2, 0, 0] = modes[-2, 0, 0] = 16**3 * 0.05
    positions, momenta = particle_mesh.initial_conditions(modes, 16, 0.2, theory)
    sites = np.arange(16)
    k = 2 * np.pi * 2 / 16
    psi = -0.1 * np.sin(k * sites) / k
    x = positions[0].reshape(16, 16, 16)[:, 0, 0]
    np.testing.assert_allclose((x - sites - 0.5 + 8) % 16 - 8, theory.growth(0.2) * psi, atol=1e-5)
    rate = 0.2**2 * theory.expansion(0.2) * theory.growth_rate(0.2) * theory.growth(0.2)
    np.testing.assert_allclose(momenta[0].reshape(16, 16, 16)[:, 0, 0], rate * psi, atol=1e-5)
    assert np.abs(momenta[1:]).max() < 1e-6


def test_schedule_stops_at_every_output():
    times = particle_mesh.schedule(0.1, np.array([0.5, 0.6, 0.9]), 8)
    assert np.all(np.diff(times) > 0)
    assert {0.1, 0.5, 0.6, 0.9} <= set(times)
    with pytest.raises(ValueError, match="increase"):
        particle_mesh.schedule(0.1, np.array([0.05, 0.6]), 8)


def test_projection_conserves_mass_per_slab(scattered):
    slabs = planes.project(scattered, 16, 1, 32)
    assert slabs.shape == (2, 32, 32)
    assert np.abs(slabs.mean(axis=(1, 2), dtype=float)).max() < 1e-6
    one = planes.project(np.array([[3.0], [12.0], [7.0]], np.float32), 16, 0, 32)
    assert np.unravel_index(one.argmax(), one.shape) == (0, 24, 14)  # the nearer half along axis 0; rows are axis 1


def test_plane_power_of_white_noise():
    noise = stream("test", "white").standard_normal((4, 64, 64))
    k, power = planes.plane_power(noise, 100.0)
    assert k[9] == pytest.approx(10 * 2 * np.pi / 100, rel=0.02)
    assert power.mean() == pytest.approx((100 / 64) ** 2, rel=0.05)


def test_light_cone_of_a_box(theory, box):
    count = round(theory.source_distance / 100)
    assert len(box.lens_distances) == count
    assert box.planes.shape == (-(-count // 2), 3, 2, 64, 64)
    np.testing.assert_allclose(theory.comoving_distance(box.redshifts[0]), theory.source_distance / count, rtol=1e-4)
    assert np.all(np.diff(box.redshifts) > 0)
    assert np.abs(box.planes.mean(axis=(-1, -2), dtype=float)).max() < 1e-3
    assert -1.1 < box.planes.min() < 0  # -1 is empty; a slab's own mean is removed
    early, late = box.power[-1], box.power[0]
    assert late[:3].mean() > early[:3].mean()  # structure grows


def test_boxes_repeat_by_name(theory, box):
    again = planes.simulate_box(theory, SMALL, ("test", "box", 0))
    other = planes.simulate_box(theory, SMALL, ("test", "box", 1))
    assert np.array_equal(again.planes, box.planes)
    assert not np.array_equal(other.planes, box.planes)


def test_box_file_round_trip(box, tmp_path):
    planes.write_box(tmp_path / "box.h5", box)
    read = planes.read_box(tmp_path / "box.h5")
    assert np.array_equal(read.planes, box.planes)
    assert (read.settings, read.name, read.cosmology) == (box.settings, box.name, box.cosmology)
    assert np.array_equal(read.lens_distances, box.lens_distances)
    assert planes.read_box(tmp_path / "box.h5", planes=False).planes is None
    assert [file.name for file in tmp_path.iterdir()] == ["box.h5"]


def test_area_average_is_exact_and_periodic():
    plane = stream("test", "plane").standard_normal((16, 16))
    integral = born.integral_image(plane)
    blocks = born.area_average(integral, np.arange(0, 17, 4.0), np.arange(0, 17, 2.0))
    np.testing.assert_allclose(blocks, plane.reshape(4, 4, 8, 2).mean(axis=(1, 3)), atol=1e-12)
    rows, columns = 13.25 + 0.75 * np.arange(25), 0.5 + 1.25 * np.arange(31)  # quarters of a cell, over the edges
    fine = np.tile(np.kron(plane, np.ones((4, 4))), (3, 4))
    fine = fine[53 : 53 + 3 * 24, 2 : 2 + 5 * 30]
    expected = fine.reshape(24, 3, 30, 5).mean(axis=(1, 3))
    np.testing.assert_allclose(born.area_average(integral, rows, columns), expected, atol=1e-12)
    np.testing.assert_allclose(born.area_average(integral, rows + 16, columns + 32), expected, atol=1e-12)
    rolled = born.integral_image(np.roll(plane, (3, 5), axis=(0, 1)))
    np.testing.assert_allclose(born.area_average(rolled, rows + 3, columns + 5), expected, atol=1e-12)


def test_born_weights_integrate_the_lensing_kernel():
    source = 2000.0
    distances = (np.arange(50) + 0.5) * source / 50
    total = born.born_weights(distances, np.ones(50), source, 0.3).sum()
    assert total == pytest.approx(1.5 * 0.3 / HUBBLE_DISTANCE**2 * source**2 / 6, rel=1e-3)


@pytest.mark.parametrize("redshift", [0.2, 0.33, 0.44])
def test_planes_behind_a_source_have_no_weight(box, theory, redshift):
    """Sources anywhere: the kernel's integral is theirs, whichever plane they are in."""
    planes, source = born.lens_planes(box), float(theory.comoving_distance(redshift))
    seen = replace(planes, scale_factors=np.ones(len(planes.distances))).towards(source)
    half = planes.distances[0]
    assert (seen.weights[planes.distances - half >= source] == 0).all()
    assert (seen.weights[planes.distances + half < source] > 0).all()
    exact = 1.5 * planes.omega_m / HUBBLE_DISTANCE**2 * source**2 / 6
    assert seen.weights.sum() == pytest.approx(exact, rel=0.02)


def test_uniform_planes_give_a_uniform_sheet(box):
    uniform = born.lens_planes(replace(box, planes=np.ones_like(box.planes)))
    image = born.draw_map(uniform, (8, 8), PIXEL, stream("test", "map"))
    assert image == pytest.approx(uniform.weights.sum(), rel=1e-6)


def test_map_variance_of_white_planes(box):
    pixel, n, side = 60.0, box.planes.shape[-1], box.settings.box_size
    noise = stream("test", "planes").standard_normal(box.planes.shape).astype(np.float32)
    last = born.lens_planes(replace(box, planes=noise))
    last = replace(last, weights=np.where(np.arange(len(last.weights)) == len(last.weights) - 1, 1.0, 0.0))
    extent = last.distances[-1] * np.deg2rad(pixel / 60) * n / side  # cells per pixel
    maps = np.stack([born.draw_map(last, (8, 8), pixel, stream("test", "map", i)) for i in range(200)])
    # variance of the average of e^2 unit cells with split cells at both edges: ((1 − 1/(3e)) / e)² for e > 1
    assert extent > 1
    assert maps.var() == pytest.approx(((1 - 1 / (3 * extent)) / extent) ** 2, rel=0.1)


def test_maps_repeat_by_name_and_may_be_oblong(box):
    ready = born.lens_planes(box)
    first, again, other = (born.draw_map(ready, (12, 20), PIXEL, stream("test", "map", i)) for i in (0, 0, 1))
    assert first.shape == (12, 20)
    assert first.dtype == np.float32
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


def test_slab_transfer_brings_the_training_planes_to_theory(theory, box):
    noise = stream("test", "training").standard_normal(box.planes.shape)
    power = np.stack([planes.plane_power(snapshot, SMALL.box_size)[1] for snapshot in noise])
    white = replace(box, planes=noise, power=power)
    fitted = transfer.fit_slab_transfer([white], theory, switch=(0.1, 0.2), k_max=0.9)
    k, power = planes.plane_power(fitted(white.planes[0], 0, SMALL.box_size), SMALL.box_size)
    band = (k > 0.25) & (k < 0.8)
    ratio = SMALL.box_size / 2 * power / theory.nonlinear_power(k, box.redshifts[0])
    np.testing.assert_allclose(ratio[band], 1.0, atol=0.25)
    assert ratio[band].mean() == pytest.approx(1.0, abs=0.06)
    assert np.all(fitted.gain[:, k < 0.1] == 1)
    assert np.all(fitted.gain[:, -1] == fitted.gain[:, np.searchsorted(k, 0.95)])
    with pytest.raises(ValueError, match="same settings"):
        transfer.fit_slab_transfer([box, replace(box, settings=planes.BoxSettings())], theory)


def test_map_transfer_brings_training_maps_to_theory(theory, tmp_path):
    shape = (32, 32)
    target = theory.pixelised_power(shape, PIXEL)
    white = (stream("test", "map", i).standard_normal(shape) for i in range(200))
    maps = np.stack([coloured_noise(noise, 0.64 * target, PIXEL) for noise in white])
    fitted = transfer.fit_map_transfer(maps, PIXEL, theory)
    corrected = fitted(maps, PIXEL, 0.9)
    width = 4 * 2 * np.pi / (np.deg2rad(PIXEL / 60) * 32)
    ell, measured, _ = transfer.ring_power(transfer.map_power(corrected, PIXEL), PIXEL, width)
    ratio = measured / transfer.ring_power(target, PIXEL, width)[1]
    np.testing.assert_allclose(ratio[ell > 1200], 1.0, atol=0.02)
    assert np.all(fitted.gain[:, fitted.ell < 300] == 1)
    slab = transfer.SlabTransfer(np.array([0.1, 1.0]), np.array([[1.0, 1.2]]))
    transfer.write_transfers(tmp_path / "transfers.h5", slab, fitted)
    read_slab, read_map = transfer.read_transfers(tmp_path / "transfers.h5")
    assert np.array_equal(read_slab.gain, slab.gain)
    assert np.array_equal(read_map(maps, PIXEL, 0.9), corrected)


def test_one_map_transfer_serves_pixels_of_all_sizes(theory):
    """Skies of too little power above ℓ = 1000, in pixels of two sizes and at two redshifts, come to theory."""
    lack = {(2.0, 0.2): 0.7, (6.0, 0.2): 0.7, (2.0, 0.4): 0.5, (6.0, 0.4): 0.5}
    samples, targets = {}, {}
    for number, (sight, factor) in enumerate(lack.items()):
        targets[sight] = theory.pixelised_power((48, 48), sight[0], redshift=sight[1])
        white = (stream("test", "sight", number, i).standard_normal((48, 48)) for i in range(60))
        samples[sight] = np.stack([coloured_noise(w, factor * targets[sight], sight[0]) for w in white])
    fitted = transfer.fit_map_transfers(samples, theory)
    for (pixel, redshift), maps in samples.items():
        width = 4 * 2 * np.pi / (np.deg2rad(pixel / 60) * 48)
        ell, power, _ = transfer.ring_power(transfer.map_power(fitted(maps, pixel, redshift), pixel), pixel, width)
        ratio = power / transfer.ring_power(targets[pixel, redshift], pixel, width)[1]
        band = (ell > 1000) & (ell < 0.8 * np.pi / np.deg2rad(pixel / 60))
        np.testing.assert_allclose(ratio[band], 1.0, atol=0.1)
    low, between, high = (fitted(samples[2.0, 0.2], 2.0, redshift) for redshift in (0.2, 0.3, 0.4))
    np.testing.assert_allclose(between, (low + high) / 2, atol=1e-5)


def test_settings_are_checked():
    with pytest.raises(ValueError, match="even numbers"):
        planes.BoxSettings(mesh=33)
    with pytest.raises(ValueError, match="a_start"):
        planes.BoxSettings(a_start=2.0)
