"""All observations are made by one rule: they take the same arguments."""

import inspect

import pytest

from lofi.data.denoising import DenoisingObservation
from lofi.data.lensing import LensingObservation
from lofi.data.observation import Observation
from simulations.photography import PhotographyObservation
from simulations.tomography import TomographyObservation
from simulations.warping import WarpingObservation

KINDS = [DenoisingObservation, LensingObservation, PhotographyObservation, TomographyObservation, WarpingObservation]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["observe_all", "observe_many", "observe_each"])
def test_what_is_observed_differs_but_not_how_it_is_asked_for(kind, method):
    asked, taken = (inspect.signature(getattr(owner, method)).parameters for owner in (Observation, kind))
    assert list(taken) == list(asked)
