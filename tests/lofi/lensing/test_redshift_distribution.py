"""n(z): read, refused, and brought to the source plane of the same power."""

import numpy as np
import pytest

from lofi.lensing.redshift_distribution import (
    BAND,
    COSMOLOGY,
    Distribution,
    PlanePower,
    combined,
    plane_power,
    read_distributions,
)
from simulations.theory import HUBBLE_DISTANCE

Z = np.linspace(0.0, 0.85, 86)


def bell(middle, width=0.1, z=Z):
    return np.exp(-0.5 * ((z - middle) / width) ** 2)


@pytest.fixture(scope="module")
def planes(theory):
    """The power of source planes as a prior knows it: a few redshifts from 0.3 on."""
    redshifts, ell = np.linspace(0.3, 0.85, 8), np.geomspace(100, 10000, 40)
    return plane_power(redshifts, ell, np.array([theory.convergence_power(ell, z) for z in redshifts]))


def variance(theory, n_of_z):
    """∫ dlnℓ ℓ² C_ℓ / 2π of a distribution, by Limber's integral with its lensing efficiency."""
    ell = np.geomspace(*BAND, 30)
    chi = np.linspace(5.0, theory.source_distance * 0.995, 400)
    sources = theory.comoving_distance(n_of_z.z[1:])
    weight = n_of_z.density[1:] / n_of_z.density[1:].sum()
    efficiency = np.clip(1 - chi[:, None] / sources, 0, None) @ weight
    z = theory.redshift_at(chi)
    kernel = 2.25 * theory.cosmology["omega_m"] ** 2 / HUBBLE_DISTANCE**4 * (efficiency * (1 + z)) ** 2
    power = np.trapezoid(theory.nonlinear_power((ell[:, None] + 0.5) / chi, z) * kernel, chi, axis=1)
    return np.trapezoid(ell**2 * power / (2 * np.pi), np.log(ell))


@pytest.mark.parametrize("density", [bell(0.6), bell(0.4) + 0.5 * bell(0.7, 0.03), Z**2 * np.exp(-((Z / 0.4) ** 2))])
def test_the_effective_plane_has_the_power_of_the_distribution(theory, planes, density):
    n_of_z = Distribution("1", Z, density)
    redshift = planes.effective_redshift(n_of_z)
    ell = np.geomspace(*BAND, 30)
    plane = np.trapezoid(ell**2 * theory.convergence_power(ell, redshift) / (2 * np.pi), np.log(ell))
    assert plane == pytest.approx(variance(theory, n_of_z), rel=0.02)
    assert abs(redshift / n_of_z.mean - 1) > 0.002  # the mean redshift is another


def test_sources_in_a_plane_are_at_its_redshift(planes):
    narrow = Distribution("1", np.array([0.595, 0.6, 0.605]), np.array([0.0, 1.0, 0.0]))
    assert planes.effective_redshift(narrow) == pytest.approx(0.6, abs=1e-4)


def test_a_distribution_between_the_nodes_of_its_table_is_found(planes):
    z = np.linspace(0.0, 3.0, 3001)
    narrow = Distribution("1", z, np.where(np.abs(z - 0.61) < 5e-4, 1.0, 0.0))
    assert planes.effective_redshift(narrow) == pytest.approx(0.61, abs=1e-3)


def test_power_that_is_a_power_law_of_distance_is_exact():
    redshifts = np.linspace(0.1, 2.0, 30)
    chi = COSMOLOGY.comoving_distance(redshifts).value
    planes = PlanePower(redshifts, chi**1.0)
    two = Distribution("1", np.array([0.5, 0.501, 1.499, 1.5]), np.array([1.0, 0.0, 0.0, 1.0]))
    near, far = (float(COSMOLOGY.comoving_distance(z).value) for z in (0.5, 1.5))
    # C(χ) = χ, D = χ³, D′ = 3χ²: C(near, far) = [near³ + (far − near) 3 near²/2] / (near far)
    cross = (near**3 + (far - near) * 1.5 * near**2) / (near * far)
    expected = (near + 2 * cross + far) / 4
    found = planes.effective_redshift(two)
    assert float(COSMOLOGY.comoving_distance(found).value) == pytest.approx(expected, rel=1e-3)


def test_all_bins_together_are_weighted_by_their_galaxies():
    z = np.linspace(0, 2, 201)
    parts = [Distribution("1", z, 7.0 * bell(0.5, z=z)), Distribution("2", z[50:], bell(1.2, z=z[50:]))]
    whole = combined(parts, np.array([1.0, 3.0]))
    assert whole.mean == pytest.approx((parts[0].mean + 3 * parts[1].mean) / 4, rel=1e-3)


def test_text_and_sacc_give_the_same(tmp_path):
    sacc = pytest.importorskip("sacc")
    np.savetxt(tmp_path / "nz.txt", np.stack([Z, bell(0.3), bell(0.5)], axis=1), header="z bin1 bin2")
    file = sacc.Sacc()
    file.add_tracer("NZ", "lens_0", Z, bell(0.2))
    for number, middle in enumerate((0.3, 0.5)):
        file.add_tracer("NZ", f"source_{number}", Z, bell(middle))
    file.save_fits(str(tmp_path / "nz.sacc"))
    text, of_sacc = read_distributions(tmp_path / "nz.txt"), read_distributions(tmp_path / "nz.sacc")
    assert [each.name for each in text] == ["1", "2"]
    assert [each.name for each in of_sacc] == ["source_0", "source_1"]
    for one, other in zip(text, of_sacc, strict=True):
        np.testing.assert_allclose(one.density, other.density, rtol=1e-12)


@pytest.mark.parametrize(
    ("z", "density", "message"),
    [
        (Z[::-1], bell(0.4), "redshifts are not sorted, 0.84 follows 0.85"),
        (Z, -bell(0.4), "is negative at z = 0.4"),
        (Z, 0 * Z, "does not integrate: it is zero everywhere"),
        (Z, np.where(Z == 0.5, np.nan, bell(0.4)), "is not finite in 1 of 86 rows"),
        (Z, bell(0.8), "does not cover its galaxies: at z = 0.85, where it ends, it is 88% of its peak"),
        (
            Z + 0.3,
            bell(0.4, z=Z + 0.3),
            "does not cover its galaxies: at z = 0.3, where it ends, it is 61% of its peak",
        ),
        (Z - 0.1, bell(0.4), "goes from z = -0.1 to 0.75"),
    ],
)
def test_distributions_that_are_none_are_refused(z, density, message, tmp_path):
    np.savetxt(tmp_path / "nz.txt", np.stack([z, bell(0.4, z=Z), density], axis=1))
    if not (z == Z).all():
        np.savetxt(tmp_path / "nz.txt", np.stack([z, density, density], axis=1))
    with pytest.raises(ValueError, match=rf"n\(z\) of bin [12] in '.*nz\.txt'.*{message}"):
        read_distributions(tmp_path / "nz.txt")


@pytest.mark.parametrize("separator", [" ", ","])
def test_a_comment_may_hold_commas(separator, tmp_path):
    np.savetxt(tmp_path / "nz.txt", np.stack([Z, bell(0.3)], axis=1), header="z, bin 1", delimiter=separator)
    assert read_distributions(tmp_path / "nz.txt")[0].mean == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize("text", ["0.1 a\n0.2 b\n", "0.1\n0.2\n0.3\n", "0.1 1\n"])
def test_tables_that_are_none_are_refused(text, tmp_path):
    (tmp_path / "nz.txt").write_text(text)
    with pytest.raises(ValueError, match=r"nz\.txt.* expected (columns )?z, n"):
        read_distributions(tmp_path / "nz.txt")
