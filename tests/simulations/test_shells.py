"""Skies of the sphere from N-body boxes: particles, shells, gains; small boxes of a universe with smooth spectra."""

from types import SimpleNamespace

import ducc0
import numpy as np
import pytest
import scipy.fft
from smooth_theory import smooth_theory

from lofi.seeds import stream
from lofi.sphere.harmonics import Harmonics, spectrum
from simulations.images.nbody import particle_mesh, planes
from simulations.sphere import particles
from simulations.sphere.lognormal import sky_power
from simulations.sphere.shells import ShellSphere, fitted_gain, light_cone_shells, overdensity
from simulations.theory import HUBBLE_DISTANCE

SIDE, NSIDE = 200.0, 32
HARMONICS, FINE = Harmonics(NSIDE), Harmonics(2 * NSIDE)
SETTINGS = planes.BoxSettings(box_size=SIDE, particles=32, mesh=64, steps=6, plane_pixels=16)


@pytest.fixture(scope="module")
def theory():
    return smooth_theory(0.24)


@pytest.fixture(scope="module")
def box(theory):
    return particles.simulate_particles(theory, SETTINGS, ("test", "shells", 0))


@pytest.fixture(scope="module")
def scattered():
    return stream("test", "scattered").integers(0, particles.UNITS, (3, 4000)).astype(np.uint16)


def test_particles_are_those_that_planes_are_made_of(theory, box):
    kept = {number: current.copy() for number, current in planes.snapshots(theory, SETTINGS, ("test", "shells", 0))}
    assert box.positions.shape == (len(kept), 3, 32**3)
    for number, current in kept.items():
        away = box.positions[number] * (SETTINGS.mesh / particles.UNITS) - current
        away -= np.rint(away / SETTINGS.mesh) * SETTINGS.mesh
        assert np.abs(away).max() < SETTINGS.mesh / particles.UNITS


def test_particles_survive_their_file(box, tmp_path):
    particles.write_particles(tmp_path / "box.h5", box, SETTINGS, ("test", "shells", 0))
    again = particles.read_particles(tmp_path / "box.h5")
    assert np.array_equal(again.positions, box.positions)
    assert again.box_size == SIDE


def test_shells_are_the_planes_of_the_light_cone(theory):
    distances, _ = planes.light_cone(theory, SIDE / 2)
    found = light_cone_shells(theory, SIDE)
    assert np.allclose([(shell.near + shell.far) / 2 for shell in found], distances)
    assert found[0].near == 0
    assert found[-1].far == pytest.approx(theory.source_distance)
    assert [shell.snapshot for shell in found] == [number // 2 for number in range(len(found))]
    scale_factor = 1 / (1 + theory.redshift_at(distances[3]))
    expected = 1.5 * 0.3 / HUBBLE_DISTANCE**2 * distances[3] * (1 - distances[3] / theory.source_distance)
    assert found[3].weight == pytest.approx(expected * 2 * distances[0] / scale_factor)


def counted(positions, near, far, rng):
    """What `overdensity` counts, particle by particle, and what it draws: the observer, turns and reflections."""
    observer = rng.uniform(0, SIDE, 3)
    axes, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    axes *= rng.choice([-1.0, 1.0], 3)
    steps = np.arange(-4, 5) * SIDE
    copies = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 1, 3)
    vectors = (copies + positions.T * (SIDE / particles.UNITS) - observer).reshape(-1, 3) @ axes
    distance = np.linalg.norm(vectors, axis=1)
    return vectors[(distance >= near) & (distance < far)]


@pytest.mark.parametrize(("near", "far"), [(0.0, 100.0), (300.0, 400.0)])
def test_a_shell_holds_every_copy_of_every_particle_once(scattered, near, far):
    found = overdensity(scattered, SIDE, near, far, NSIDE, stream("shell"))
    vectors = counted(scattered, near, far, stream("shell"))
    pixels = ducc0.healpix.Healpix_Base(NSIDE, "RING").vec2pix(vectors)
    mean = scattered.shape[1] / SIDE**3 * 4 / 3 * np.pi * (far**3 - near**3) / HARMONICS.pixels
    expected = np.bincount(pixels, minlength=HARMONICS.pixels) / mean - 1
    assert np.count_nonzero(np.abs(found - expected) > 1e-4) <= 4  # particles on the edge of a pixel or of the shell
    assert abs(found.mean()) < 5 / np.sqrt(len(vectors))


def test_a_mirrored_shell_is_the_first_octant_eight_times(scattered):
    whole, mirrored = (overdensity(scattered, SIDE, 200.0, 300.0, NSIDE, stream("shell"), flag) for flag in (0, 1))
    base = ducc0.healpix.Healpix_Base(NSIDE, "RING")
    vectors = base.pix2vec(np.arange(HARMONICS.pixels))
    first = (vectors > 1e-9).all(axis=1)
    assert np.allclose(mirrored[first], whole[first], atol=1e-4)
    for signs in ([-1, 1, 1], [1, -1, 1], [-1, -1, -1]):
        assert np.array_equal(mirrored[base.vec2pix(vectors * np.array(signs, float))], mirrored)
    halved = ~first & (np.abs(vectors) < 1e-9).any(axis=1)
    assert abs(mirrored[halved].mean() - whole[halved].mean()) < 0.1


def test_a_gaussian_lattice_has_the_spectrum_of_limber(theory):
    """Displaced by linear theory alone, no gain: within 10 % of `(1/V²) ∫ χ² P(ℓ/χ) dχ` where modes are many."""
    size, growth = 64, 0.4
    k = particle_mesh.wavenumbers(size, SIDE)
    radius = np.sqrt(sum(axis**2 for axis in k))
    cut = np.exp(-0.5 * (radius * 6.0) ** 2)  # of a smooth field, so that linear displacements are linear density
    modes = particle_mesh.gaussian_density(theory.linear_power, size, SIDE, ("test", "limber")) * (growth * cut)
    inverse = np.divide(1.0, radius**2, out=np.zeros_like(radius), where=radius > 0)
    lattice = np.stack(np.meshgrid(*[np.arange(size) * SIDE / size] * 3, indexing="ij"))
    shifts = [scipy.fft.irfftn(1j * axis * inverse * modes, s=(size,) * 3) for axis in k]
    positions = (lattice + np.stack(shifts)).reshape(3, -1) * (particles.UNITS / SIDE)
    positions = np.rint(positions).astype(np.int64).astype(np.uint16)
    near, far, fine = 500.0, 600.0, Harmonics(64, 100)
    powers = [
        spectrum(fine.adjoint(overdensity(positions, SIDE, near, far, 64, stream("limber", n)))[0]) for n in (0, 1, 2)
    ]
    measured = np.mean(powers, axis=0) * (4 * np.pi / fine.pixels) ** 2
    chi = np.linspace(near, far, 51)
    grid = (np.arange(101)[:, None] + 0.5) / chi
    smooth = theory.linear_power(grid) * growth**2 * np.exp(-((grid * 6.0) ** 2))
    volume = (far**3 - near**3) / 3
    expected = np.trapezoid(chi**2 * smooth, chi, axis=1) / volume**2
    band = slice(25, 75)
    weight = 2 * np.arange(101)[band] + 1
    assert (weight * measured[band]).sum() == pytest.approx((weight * expected[band]).sum(), rel=0.1)


def test_the_gain_brings_small_scales_to_the_target_and_leaves_large_ones():
    ell = np.arange(301.0)
    target = np.where(ell < 2, 0.0, 1e-8 / (ell + 10) ** 1.2)
    power = target * (1 - 0.4 * ell / 300)
    gain = fitted_gain(power, target, 500.0)
    assert (gain[: int(0.1 * 500)] == 1).all()
    assert np.allclose((gain**2 * power)[110:] / target[110:], 1.0, atol=0.05)  # smoothed from one side at the end


@pytest.fixture(scope="module")
def sky(theory, box):
    return ShellSphere(theory, FINE, [box], mirrored=True).draw(stream("test", "sky"))


def test_a_sky_has_the_spectrum_and_is_skewed(theory, sky):
    """Within 10 % from ℓ = 80 on, where all that is far enough to matter has its gain."""
    power, expected, ell = spectrum(sky), sky_power(theory, FINE.lmax), np.arange(FINE.lmax + 1)
    band = slice(80, FINE.lmax + 1)
    weight = 2 * ell[band] + 1
    assert (weight * power[band]).sum() == pytest.approx((weight * expected[band]).sum(), rel=0.1)
    values = FINE.synthesis(sky)[0]
    assert ((values / values.std()) ** 3).mean() > 0.2
    assert np.abs(sky[FINE.ell < 2]).max() == 0


def test_a_sky_of_boxes_is_its_seed_s(theory, box, sky):
    again, other = (ShellSphere(theory, FINE, [box], mirrored=True).draw(stream("test", name)) for name in ("sky", "b"))
    assert np.array_equal(again, sky)
    assert not np.array_equal(other, sky)


def test_boxes_of_two_sizes_are_refused(theory, box):
    with pytest.raises(ValueError, match="boxes of one size"):
        ShellSphere(theory, HARMONICS, [box, SimpleNamespace(box_size=100.0)])
