"""A damaged file of the simulator is named in one sentence."""

import h5py
import pytest

from simulations.images.nbody.planes import read_box
from simulations.images.nbody.transfer import read_transfers
from simulations.theory import Theory


@pytest.mark.parametrize("read", [Theory.load, read_box, read_transfers])
def test_missing_truncated_and_foreign_files(read, tmp_path):
    path = tmp_path / "box.h5"
    with pytest.raises(ValueError, match=r"box\.h5' cannot be read as HDF5"):
        read(path)
    with h5py.File(path, "w") as file:
        file["other"] = 1
    with pytest.raises(ValueError, match=r"box\.h5' cannot be read"):
        read(path)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(ValueError, match=r"box\.h5' cannot be read"):
        read(path)
