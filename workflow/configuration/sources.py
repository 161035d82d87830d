"""`sources`: skies, slices and pictures by name."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from workflow.configuration.setting import Names, Pair, Positive, Setting, setting


class Source(Setting):
    """What all sources share: the key of a split that keeps the splits apart, if there is one."""

    partition: ClassVar[str | None] = None


class Box(Setting):
    """Size and resolution of a simulated box."""

    box_size: Positive = setting("Side of the box.", unit="Mpc/h", default=None)
    particles: int = setting("Particles on a side.", default=None, ge=8)
    mesh: int = setting("Cells of the force mesh on a side.", default=None, ge=8)
    steps: int = setting("Time steps.", default=None, ge=2)
    plane_pixels: int = setting("Pixels on a side of the lens planes.", default=None, ge=16)
    a_start: float = setting("Scale factor at the start.", default=None, gt=0, le=0.5)


class NBody(Source):
    """Convergence of N-body simulations, which the workflow runs."""

    partition: ClassVar[str] = "boxes"
    kind: Literal["nbody"] = setting("Kind of the source.")
    box: Box = setting("The simulated box.")
    redshift: float = setting(
        "How far its lens planes reach. Default: `source_redshift`.", default=None, ge=0.1, le=5, example=1.5
    )
    mirrored: bool = setting(
        "An octant of a sky of the sphere is made, and mirrored into the others: a fifth of the time.", default=None
    )


class Lognormal(Source):
    """Log-normal convergence with the matter power spectrum of the cosmology."""

    kind: Literal["lognormal"] = setting("Kind of the source.")


class Gaussian(Source):
    """Gaussian convergence with the matter power spectrum of the cosmology."""

    kind: Literal["gaussian"] = setting("Kind of the source.")


class KappaTNG(Source):
    """Convergence of the κTNG simulations, from files."""

    partition: ClassVar[str] = "lens_planes"
    kind: Literal["ktng"] = setting("Kind of the source.")
    folder: str = setting("Folder of the downloaded files.", example="data/kappaTNG")
    plane: int = setting("Number of the source plane. Give this or `redshift`.", default=None, ge=1, le=40)
    redshift: Positive = setting("Redshift of the sources. The nearest plane is used.", default=None)
    pixelisation: Literal["area_average", "authors_crop"] = setting(
        "How the maps become pixels of the field.", default=None
    )


class Galaxies(Source):
    """Simulated images of galaxies."""

    kind: Literal["galaxies"] = setting("Kind of the source.")
    pixels: int = setting("Side of the images that crops are cut from.", unit="pixels", ge=16)


class PictureFiles(Source):
    """Pictures of a file or folder."""

    partition: ClassVar[str] = "pictures"
    kind: Literal["pictures"] = setting("Kind of the source.")
    path: str = setting("File or folder of the pictures.", example="data/galaxies")


class Photographs(Source):
    """The photographs of scikit-image and matplotlib, or those of a folder."""

    partition: ClassVar[str] = "pictures"
    kind: Literal["photographs"] = setting("Kind of the source.")
    names: Names = setting(
        "Names of files without endings. They choose among the photographs and number them.", default=None
    )
    path: str = setting("Folder of photographs, in place of those that are installed.", default=None)

    def may_share(self, other: Source) -> bool:
        """Whether two sources can hold the same photographs, by their folders and names."""
        if not isinstance(other, Photographs) or self.path != other.path:
            return False
        return self.names is None or other.names is None or bool(set(self.names) & set(other.names))


class Chest(Source):
    """Simulated slices of chests."""

    kind: Literal["chest"] = setting("Kind of the source.")


class Brain(Source):
    """Slices of heads."""

    kind: Literal["brain"] = setting("Kind of the source.")
    anatomy: Literal["simulated", "icbm152"] = setting("Simulated heads, or the ICBM 152 average brain.", default=None)
    window: Pair = setting("What becomes 0 and 1.", unit="Hounsfield units", default=None)


class Lodopab(Source):
    """Chest slices of LoDoPaB-CT."""

    partition: ClassVar[str] = "slices"
    kind: Literal["lodopab"] = setting("Kind of the source.")
    folder: str = setting("Folder of the downloaded files.", example="data/lodopab")
    part: Literal["train", "validation", "test"] = setting("Part of the data set.")


class Slices(Source):
    """Slices from files of your own."""

    partition: ClassVar[str] = "slices"
    kind: Literal["slices"] = setting("Kind of the source.")
    path: str = setting("File or folder of the slices.", example="data/heads")
    values: Pair = setting("Values that become 0 and 1.", example=[-20, 100])
    clip: bool = setting("Cut off values outside.", default=None)


AnySource = Annotated[
    NBody | Lognormal | Gaussian | KappaTNG | Galaxies | PictureFiles | Photographs | Chest | Brain | Lodopab | Slices,
    Field(discriminator="kind"),
]
