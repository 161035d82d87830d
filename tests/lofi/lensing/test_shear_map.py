"""Binned shear: frames, weights, noise, masks, files."""

import numpy as np
import pytest
from astropy.io import fits

from lofi.io.fits import write_maps
from lofi.lensing.catalogue import ShearCatalogue
from lofi.lensing.kaiser_squires import kaiser_squires, shear_from_convergence
from lofi.lensing.shear_file import open_shear
from lofi.lensing.shear_map import bin_shear, rebin
from lofi.lensing.shear_map_files import read_shear_map, shear_images
from lofi.lensing.tangent_plane import field_wcs, meridian_angle, tangent_wcs, wcs_header
from lofi.seeds import stream


def make(ra, dec, ellipticity, weight=None):
    weight = np.ones(len(ra)) if weight is None else weight
    return ShearCatalogue(np.asarray(ra), np.asarray(dec), ellipticity.real, ellipticity.imag, weight)


def random_catalogue(count=4000, size=20, seed="shear map", centre=(150.0, 2.0)):
    rng = stream(seed)
    wcs = tangent_wcs(centre, 1.0, (size, size))
    ra, dec = wcs.all_pix2world(*rng.uniform(-0.5, size - 0.5, (2, count)), 0)
    ellipticity = 0.3 * (rng.standard_normal(count) + 1j * rng.standard_normal(count))
    return make(ra, dec, ellipticity, rng.uniform(0.2, 2.0, count)), wcs, (size, size)


@pytest.fixture
def binned():
    catalogue, wcs, shape = random_catalogue(1500)
    result = bin_shear(catalogue, wcs, shape)
    assert not result.mask.all()
    return result


def test_weighted_mean_in_the_right_pixel():
    wcs = tangent_wcs((10.0, 0.0), 1.0, (8, 8))
    ra, dec = wcs.all_pix2world([5.2, 4.8, 2.0], [1.4, 0.6, 7.4], 0)
    ellipticity = np.array([0.1 + 0.2j, 0.4 - 0.1j, 0.3j])
    binned = bin_shear(make(ra, dec, ellipticity, np.array([1.0, 3.0, 2.0])), wcs, (8, 8))
    assert binned.gamma[1, 5] == pytest.approx((0.1 + 0.2j + 3 * (0.4 - 0.1j)) / 4, abs=1e-6)
    assert binned.gamma[7, 2] == pytest.approx(0.3j, abs=1e-6)
    assert binned.count[1, 5] == 2
    assert binned.weight_sum[1, 5] == 4
    assert binned.noise_std[1, 5] == pytest.approx(binned.sigma_e * np.sqrt(10) / 4)
    assert binned.mask.sum() == 2
    assert (binned.gamma[~binned.mask] == 0).all()
    assert np.isinf(binned.noise_std[~binned.mask]).all()


def test_noise_and_density_are_those_of_the_catalogue():
    catalogue, wcs, shape = random_catalogue(80000, 40)
    binned = bin_shear(catalogue, wcs, shape)
    assert binned.sigma_e == pytest.approx(0.3, rel=0.01)
    normalised = (binned.gamma / binned.noise_std)[binned.mask]
    assert normalised.real.std() == pytest.approx(1.0, abs=0.06)
    assert normalised.imag.std() == pytest.approx(1.0, abs=0.06)
    weight = catalogue.weight
    density = weight.sum() ** 2 / (weight**2).sum() / (40 * 40)  # galaxies of equal weight in a square arcmin
    assert np.mean((binned.sigma_e / binned.noise_std[binned.mask]) ** 2) == pytest.approx(density, rel=0.02)
    assert binned.pixel_arcmin == pytest.approx(1.0)


@pytest.mark.parametrize("dec", [0.0, 80.0, -80.0])
def test_shear_is_rotated_from_the_meridian_to_the_plane(dec):
    # A sheet of constant shear in the plane, given against each galaxy's own North, comes back constant.
    _, wcs, shape = random_catalogue(10, 60, centre=(30.0, dec))
    ra, dec = wcs.all_pix2world(*stream("rotation").uniform(0, 59, (2, 500)), 0)
    angle = meridian_angle(wcs, ra, dec)
    binned = bin_shear(make(ra, dec, (0.1 + 0.05j) * np.exp(-2j * angle)), wcs, shape)
    assert binned.gamma[binned.mask] == pytest.approx(0.1 + 0.05j, abs=1e-9)


def test_galaxies_pointing_at_the_pole_show_their_angle_in_the_plane():
    # At declination 80° North is the direction of the pole, at (0, cot 80°) of the plane: an independent construction.
    _, wcs, shape = random_catalogue(10, 60, centre=(30.0, 80.0))
    row, column = np.mgrid[5:60:10, 5:60:10].reshape(2, -1)
    ra, dec = wcs.all_pix2world(column, row, 0)
    binned = bin_shear(make(ra, dec, np.full(len(ra), -0.2 + 0j)), wcs, shape)  # along North
    pole = np.degrees(1 / np.tan(np.radians(80.0))) * 60.0
    angle = np.arctan2(29.5 + pole - row, 29.5 - column)
    assert binned.gamma[row, column] == pytest.approx(0.2 * np.exp(2j * angle), abs=1e-6)


@pytest.mark.parametrize("dec", [0.0, 80.0])
def test_a_mass_is_found_where_it_is(dec):
    # Tangential ellipticities from spherical position angles, without the plane, around a mass West and North.
    catalogue, wcs, shape = random_catalogue(30000, 40, centre=(0.0, dec))
    mass_column, mass_row = 28, 25
    ra0, dec0 = np.radians(wcs.all_pix2world(mass_column, mass_row, 0))
    ra, declination = np.radians(catalogue.ra), np.radians(catalogue.dec)
    separation_ra = ra0 - ra
    north = np.cos(declination) * np.sin(dec0) - np.sin(declination) * np.cos(dec0) * np.cos(separation_ra)
    west = -np.cos(dec0) * np.sin(separation_ra)
    radius = np.degrees(np.hypot(north, west)) * 60
    tangential = 0.2 * np.exp(-radius / 8.0)
    ellipticity = -tangential * np.exp(2j * np.arctan2(north, west))
    binned = bin_shear(make(catalogue.ra, catalogue.dec, ellipticity), wcs, shape)
    kappa = kaiser_squires(binned.gamma, padding=20)
    assert np.unravel_index(kappa.real.argmax(), shape) == (mass_row, mass_column)
    assert kappa.imag[10:-5, 10:-5].std() < 0.3 * kappa.real[10:-5, 10:-5].std()


def test_field_across_right_ascension_zero():
    catalogue, _, _ = random_catalogue(2000, centre=(0.0, 5.0))
    wcs, shape = field_wcs(catalogue.ra, catalogue.dec, 1.0)
    assert bin_shear(catalogue, wcs, shape).count.sum() == 2000


@pytest.mark.parametrize("centre", [(150.0, 12.0), (330.0, -2.0)])
def test_no_galaxy_in_the_field(centre):
    catalogue, _, _ = random_catalogue()
    with pytest.raises(ValueError, match=r"no galaxy .* covers ra 149.8\d* to 150.1\d*, dec 1.8.* the field ra"):
        bin_shear(catalogue, tangent_wcs(centre, 1.0, (20, 20)), (20, 20))


def test_galaxies_outside_the_field_do_not_count():
    catalogue, wcs, shape = random_catalogue()
    far = make(np.append(catalogue.ra, [330.0, 151.0]), np.append(catalogue.dec, [-2.0, 2.0]), np.full(4002, 0.1 + 0j))
    assert bin_shear(far, wcs, shape).count.sum() == 4000


def test_round_galaxies_have_no_dispersion():
    catalogue, wcs, shape = random_catalogue()
    with pytest.raises(ValueError, match=r"ellipticities .* are zero"):
        bin_shear(make(catalogue.ra, catalogue.dec, np.zeros(4000, complex)), wcs, shape)


def test_rebinning_is_binning_into_larger_pixels():
    catalogue, wcs, shape = random_catalogue(1500)
    catalogue = make(catalogue.ra, catalogue.dec, catalogue.e1 + 1j * catalogue.e2)  # equal weights
    coarse = rebin(bin_shear(catalogue, wcs, shape), 3)
    assert coarse.shape == (7, 7)
    direct = bin_shear(catalogue, coarse.wcs, coarse.shape)
    assert coarse.gamma == pytest.approx(direct.gamma)
    assert coarse.noise_std == pytest.approx(direct.noise_std)
    assert coarse.count == pytest.approx(direct.count)
    assert (coarse.mask == direct.mask).all()
    assert coarse.pixel_arcmin == pytest.approx(3.0)


def test_rebinning_ignores_masked_pixels(binned):
    coarse = rebin(binned, 2)
    inverse = binned.noise_std[:2, :2] ** -2.0
    assert coarse.gamma[0, 0] == pytest.approx((inverse * binned.gamma[:2, :2]).sum() / inverse.sum())
    assert coarse.noise_std[0, 0] == pytest.approx(inverse.sum() ** -0.5)
    assert np.isfinite(coarse.gamma).all()
    with pytest.raises(ValueError, match=r"factor is 1\.5"):
        rebin(binned, 1.5)


def store(path, binned):
    cards = {"SIGMA_E": (binned.sigma_e, "")}
    write_maps(path, shear_images(binned), wcs_header(binned.wcs), simulated=True, history=["seed 1"], cards=cards)


def test_files_round_trip(tmp_path, binned):
    path = tmp_path / "shear.fits"
    store(path, binned)
    assert [p.name for p in tmp_path.iterdir()] == ["shear.fits"]
    again = read_shear_map(open_shear(path))
    assert again.gamma == pytest.approx(binned.gamma, abs=1e-7)
    assert again.noise_std == pytest.approx(binned.noise_std, rel=1e-6)
    assert (again.mask == binned.mask).all()
    assert again.count == pytest.approx(binned.count)
    assert again.weight_sum == pytest.approx(binned.weight_sum, rel=1e-6)
    assert again.sigma_e == pytest.approx(binned.sigma_e)
    assert again.pixel_arcmin == pytest.approx(binned.pixel_arcmin)
    here, there = (np.array(plane.all_pix2world(3, 4, 0)) for plane in (binned.wcs, again.wcs))
    assert there == pytest.approx(here, abs=1e-9)
    with fits.open(path, checksum=True) as hdus:
        hdus.verify("exception")
        assert np.isnan(hdus["GAMMA1"].data[~binned.mask]).all()
        assert hdus["GAMMA1"].header["CD1_1"] < 0
        assert {"ORIGIN", "CREATOR", "DATE", "CHECKSUM", "HISTORY"} <= set(hdus[0].header)


def write(path, images, header=None):
    hdus = [fits.ImageHDU(np.asarray(image, np.float32), header=header, name=name) for name, image in images.items()]
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(path)
    return path


def header_of(wcs, **changes):
    header = wcs.to_header()
    header.update(changes)
    return header


@pytest.fixture
def images():
    rng = stream("images")
    return {
        "GAMMA1": rng.standard_normal((6, 8)),
        "GAMMA2": rng.standard_normal((6, 8)),
        "NOISE_STD": np.full((6, 8), 0.1),
    }


WCS_6_8 = tangent_wcs((10.0, 20.0), 2.0, (6, 8))


def test_columns_running_east_are_reversed(tmp_path, images):
    explicit = {"pixel_arcmin": 2.0, "centre": (10.0, 20.0), "x_axis": "east", "e2_sign": -1}
    without_wcs = read_shear_map(open_shear(write(tmp_path / "a.fits", images)), **explicit)
    assert without_wcs.gamma == pytest.approx((images["GAMMA1"] - 1j * images["GAMMA2"])[:, ::-1], abs=1e-6)
    with_wcs = write(tmp_path / "b.fits", images, header_of(WCS_6_8, PC1_1=2 / 60, CDELT1=1.0, CRPIX1=2.0))
    binned = read_shear_map(open_shear(with_wcs), e2_sign=-1)
    assert binned.gamma == pytest.approx(without_wcs.gamma)
    assert list(binned.wcs.wcs.crpix) == [7.0, 3.5]
    assert binned.wcs.wcs.cd[0, 0] < 0
    with pytest.raises(ValueError, match=r"columns run East, .* give e2_sign"):
        read_shear_map(open_shear(with_wcs))
    with pytest.raises(ValueError, match="x_axis is 'west' and the WCS says 'east'"):
        read_shear_map(open_shear(with_wcs), x_axis="west", e2_sign=1)


def test_noise_from_counts_or_weights(tmp_path, images):
    del images["NOISE_STD"]
    count = np.full((6, 8), 4.0)
    count[0, 0] = 0
    images["COUNT"] = count
    path = write(tmp_path / "a.fits", images, header_of(WCS_6_8))
    binned = read_shear_map(open_shear(path), sigma_e=0.3)
    assert binned.noise_std[1, 1] == pytest.approx(0.15)
    assert not binned.mask[0, 0]
    assert binned.mask.sum() == 47
    with pytest.raises(ValueError, match="by COUNT, which needs sigma_e"):
        read_shear_map(open_shear(path))
    with pytest.raises(ValueError, match="sigma_e is -1"):
        read_shear_map(open_shear(path), sigma_e=-1)
    images |= {"WSUM": 2 * count, "W2SUM": 5 * count}
    binned = read_shear_map(open_shear(write(tmp_path / "b.fits", images, header_of(WCS_6_8))), sigma_e=0.3)
    assert binned.noise_std[1, 1] == pytest.approx(0.3 * np.sqrt(20) / 8)


def test_short_names_and_masks(tmp_path, images):
    images["GAMMA1"][2, 3] = np.nan
    images["NOISE_STD"][4, 4] = np.inf
    mask = np.ones((6, 8))
    mask[5, :] = 0
    renamed = {"G1": images["GAMMA1"], "G2": images["GAMMA2"], "NOISE_STD": images["NOISE_STD"], "MASK": mask}
    binned = read_shear_map(open_shear(write(tmp_path / "a.fits", renamed, header_of(WCS_6_8))))
    assert binned.mask.sum() == 48 - 8 - 2
    assert np.isfinite(binned.gamma).all()
    assert (binned.gamma[~binned.mask] == 0).all()
    assert np.isinf(binned.noise_std[~binned.mask]).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"GAMMA2": None}, "no image HDU GAMMA2 or G2; available: GAMMA1, NOISE_STD"),
        ({"NOISE_STD": None}, "has no map of the noise: it has GAMMA1, GAMMA2; expected NOISE_STD"),
        ({"GAMMA2": np.zeros((6, 7))}, r"GAMMA2 has the shape \(6, 7\), GAMMA1 has \(6, 8\)"),
        ({"GAMMA1": np.zeros((2, 6, 8))}, r"GAMMA1 has the shape \(2, 6, 8\); expected \(H, W\)"),
        ({"GAMMA1": np.full((6, 8), np.nan)}, "no pixel with finite shear"),
        ({"NOISE_STD": np.zeros((6, 8))}, "noise is ≤ 0 in 48 unmasked pixels"),
    ],
)
def test_wrong_images(tmp_path, images, changes, message):
    images = {name: image for name, image in (images | changes).items() if image is not None}
    with pytest.raises(ValueError, match=message):
        read_shear_map(open_shear(write(tmp_path / "a.fits", images, header_of(WCS_6_8))))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"CDELT2": 1.05}, "expected square pixels"),
        ({"CTYPE1": "RA---SIN", "CTYPE2": "DEC--SIN"}, "projection .*SIN"),
        ({"PC1_2": 0.01, "PC2_1": 0.01}, "rotated axes"),
    ],
)
def test_wrong_planes(tmp_path, images, changes, message):
    path = write(tmp_path / "a.fits", images, header_of(WCS_6_8, **changes))
    with pytest.raises(ValueError, match=message):
        read_shear_map(open_shear(path))


def test_missing_plane_and_contradictions(tmp_path, images):
    bare = write(tmp_path / "a.fits", images)
    with pytest.raises(ValueError, match="no celestial WCS; give pixel_arcmin and centre"):
        read_shear_map(open_shear(bare))
    with pytest.raises(ValueError, match="x_axis is not given and the file has no celestial WCS"):
        read_shear_map(open_shear(bare), pixel_arcmin=2.0, centre=(10.0, 20.0))
    with pytest.raises(ValueError, match="e1_sign is 2"):
        read_shear_map(open_shear(bare), pixel_arcmin=2.0, centre=(10.0, 20.0), x_axis="west", e1_sign=2)
    with pytest.raises(ValueError, match="pixels of 2′ by its WCS, but pixel_arcmin is 1"):
        read_shear_map(open_shear(write(tmp_path / "b.fits", images, header_of(WCS_6_8))), pixel_arcmin=1.0)


def test_missing_and_broken_files(tmp_path, binned):
    with pytest.raises(FileNotFoundError, match="there is no catalogue or shear map"):
        read_shear_map(open_shear(tmp_path / "a.fits"))
    path = tmp_path / "b.fits"
    path.write_text("no FITS")
    with pytest.raises(ValueError, match=r"cannot be read|truncated"):
        read_shear_map(open_shear(path))
    store(path, binned)
    path.write_bytes(path.read_bytes()[:7000])
    with pytest.raises(ValueError, match=r"cannot be read|truncated"):
        read_shear_map(open_shear(path))


def test_sheared_sky_survives_binning_and_inversion():
    y, x = np.mgrid[:32, :32]
    kappa = 0.3 * np.exp(-((x - 20) ** 2 + (y - 12) ** 2) / 12.0)
    gamma = shear_from_convergence(kappa)
    wcs = tangent_wcs((200.0, 60.0), 1.0, (32, 32))
    ra, dec = wcs.all_pix2world(x.ravel(), y.ravel(), 0)
    ellipticity = gamma.ravel() * np.exp(-2j * meridian_angle(wcs, ra, dec))
    binned = bin_shear(make(ra, dec, ellipticity), wcs, (32, 32))
    assert kaiser_squires(binned.gamma).real == pytest.approx(kappa - kappa.mean(), abs=1e-9)
