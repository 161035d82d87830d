"""Why a model does not fit the visibilities: what the residuals say, and no more."""

from dataclasses import replace

import numpy as np

from lofi.radio.visibilities.noise_check import check_noise
from lofi.radio.visibilities.visibilities import Visibilities

CHI2 = (0.9, 1.05)  # what a good reconstruction has
NOISE_SHARE = 0.7  # of chi²/M that the scatter of close residuals must explain for the weights to be the reason
SPECTRUM_SHARE = 0.05  # of the excess of chi²/M that a slope along the band must explain
NARROW = 0.03  # of the frequency; spectra of narrower bands are not looked at
GROUPS = 32  # of frequencies


def chi2_warnings(
    chi2: float,
    visibilities: Visibilities,
    unexplained: np.ndarray,
    field_radians: float,
    sigma_scale: float = 1.0,
    one_spectrum: bool = True,
) -> list[str]:
    """No sentence if the reduced χ² passes, else one with the reasons that the residuals leave open.

    Parameters
    ----------
    visibilities : those that checks look at. unexplained : complex (M,), Jy, these minus those of the model.
    field_radians : side of the image.
    one_spectrum : whether the model has one spectrum in all pixels.
    sigma_scale : the factor that the noise of the `visibilities` was multiplied by; the sentence says which one fits.
    """
    if CHI2[0] <= chi2 <= CHI2[1]:
        return []
    reason = _reason(chi2, visibilities, unexplained, field_radians, sigma_scale, one_spectrum)
    return [f"chi2/M is {chi2:.2g}, outside {CHI2[0]:g} to {CHI2[1]:g}: {reason}"]


def _reason(chi2, visibilities, unexplained, field_radians, sigma_scale, one_spectrum):
    if not np.isfinite(chi2):
        return "the reconstruction failed"
    if chi2 < CHI2[0]:
        return "the image follows the noise: the data are fewer than the pixels, or less noisy than their weights say"
    check = check_noise(replace(visibilities, values=unexplained), field_radians)
    if check is not None and check.above and check.ratio**2 > NOISE_SHARE * chi2:
        return (
            f"residuals of neighbouring visibilities scatter by {check.ratio:.3g} times the noise of the weights: the "
            "weights are too large (no inverse variances, or data that are included twice): use the sigma scale "
            f"{check.ratio * sigma_scale:.3g}"
        )
    index, share = spectral_index(visibilities, visibilities.values - unexplained, chi2)
    if one_spectrum and share > SPECTRUM_SHARE:
        return (
            f"the flux changes along the band as frequency^{index:.2f}, and the model has one spectrum for all: use "
            "--spectrum index"
        )
    reasons = [
        "the visibilities are not calibrated",
        "emission lies outside the image",
        "the cell is too coarse for point sources",
    ]
    if np.ptp(visibilities.frequency) > NARROW * visibilities.centre_frequency:
        reasons.append(
            "the spectrum differs across the image (--spectrum index)" if one_spectrum else "spectra are no power laws"
        )
    if check is None:
        reasons.insert(0, "the visibilities are noisier than their weights say")
    return ", or ".join(reasons)


def spectral_index(visibilities: Visibilities, model: np.ndarray, chi2: float) -> tuple[float, float]:
    """Power of frequency by which the data's flux departs from a model, and how much of the excess of χ² that explains.

    For groups of channels the factor on the model is fitted to the data by least squares, then a line in the logarithm
    of frequency to the factors. (0, 0) for a narrow band.
    """
    frequency = visibilities.frequency
    if np.ptp(frequency) <= NARROW * visibilities.centre_frequency:
        return 0.0, 0.0
    edges = np.linspace(frequency.min(), frequency.max(), GROUPS + 1)[1:-1]
    group = np.digitize(frequency, edges)
    weight = visibilities.sigma**-2.0
    power = np.bincount(group, weight * np.abs(model) ** 2, GROUPS)
    product = np.bincount(group, weight * (model.conj() * visibilities.values).real, GROUPS)
    mean = np.bincount(group, frequency, GROUPS) / np.maximum(np.bincount(group, minlength=GROUPS), 1)
    seen = power > 0
    if np.count_nonzero(seen) < 2:
        return 0.0, 0.0
    power = power[seen]
    factor, logarithm = product[seen] / power, np.log(mean[seen] / visibilities.centre_frequency)
    centred = logarithm - np.average(logarithm, weights=power)
    slope = (power * factor * centred).sum() / (power * centred**2).sum()
    explained = slope**2 * (power * centred**2).sum() / (2 * len(visibilities))
    return float(slope / np.average(factor, weights=power)), float(explained / (chi2 - 1))
