"""`models`: keywords of their constructors and of their training, checked before any job starts."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Discriminator, Tag

from lofi.models.channels import DENOISED, NOISE, chosen_channels
from lofi.priors.shipped import names
from lofi.training.recipe import Recipe
from workflow.configuration.setting import Mistake, Setting, check_known, setting
from workflow.configuration.signatures import Parameter, attribute, check_keywords, choices, signature

MODELS = ("lofi.models.registry", "MODELS")
PARTS = {  # keywords that are descriptions: of a kind, and how many arguments the constructor gets before its keywords
    "network": ("lofi.field.mlp", "NETWORKS", 3),
    "filter": ("lofi.field.filter", "FILTERS", 2),
    "geometry": ("lofi.field.patch", "GEOMETRIES", 0),
    "base": ("lofi.field.patch", "GEOMETRIES", 0),
}
MAPPINGS = {  # keywords that are keywords of one class
    "inputs": ("lofi.models.inputs", "Inputs", 2),
    "coordinates": ("lofi.field.coordinate_network", "CoordinateNetwork", 0),
}
CONDITIONED = ("lofi.field.ccpg", "ConditionedGeometry", 2)


class Keywords(Setting):
    """A class, and keywords of its constructor."""

    model_config = ConfigDict(extra="allow")
    kind: str = setting("Name of the class.", alias="class")

    @property
    def keywords(self) -> dict[str, Any]:
        """The keywords of the constructor."""
        return self.__pydantic_extra__


class Network(Keywords):
    """A model: its class (`lofi/models/registry.py`), keywords of its constructor, and how it is trained."""

    kind: str = setting("Class of the model, as named in `lofi/models/registry.py`.", alias="class", example="lofi")
    training: dict[str, Any] | None = setting(
        "Keywords of `lofi.training.recipe.Recipe`. Required for networks.", default=None, example={"steps": 600}
    )

    @property
    def signature(self) -> tuple[Parameter, ...]:
        """Keywords of the class, beside the channels and the size of the images."""
        return signature(*choices(*MODELS)[self.kind])[2:]

    def check(self, key: str) -> Recipe | None:
        """The recipe of its training, if it has one. Raise Mistake if a keyword of either does not fit."""
        check_class(self.kind, MODELS, key)
        check_keywords((*self.signature, Parameter("training", False)), self.keywords, key)
        _check_parts(self.keywords, key)
        if self.training is None:
            if attribute(*choices(*MODELS)[self.kind], "trainable"):
                raise Mistake(f"{key}.training", f"is missing; a model of class {self.kind} is trained")
            return None
        check_keywords(signature("lofi.training.recipe", "Recipe"), self.training, f"{key}.training")
        try:
            return Recipe.of(self.training)
        except ValueError as error:
            name, _, predicate = str(error).removeprefix("training: ").partition(" ")
            raise Mistake(f"{key}.training.{name}", predicate) from error

    def check_observed(self, key: str, channels: tuple[str, ...], outputs: int) -> None:
        """Raise Mistake if it cannot read the channels that an experiment observes, or make `outputs` channels."""
        names = [parameter.name for parameter in self.signature]
        if outputs != 1 and "outputs" not in names:
            raise Mistake(key, f"is of class {self.kind}, which makes one channel; the truth has {outputs}")
        if self.kind.endswith("denoiser") and channels != DENOISED:
            raise Mistake(
                key, f"is a denoiser, which reads the channels {', '.join(DENOISED)}, not {', '.join(channels)}"
            )
        if self.kind in ("wiener", "wiener_curve") and NOISE not in channels:
            raise Mistake(key, f"is a Wiener filter, which needs a channel {NOISE}; observed are {', '.join(channels)}")
        if "inputs" in names:
            self._check_inputs(key, channels, outputs)

    def _check_inputs(self, key: str, channels: tuple[str, ...], outputs: int) -> None:
        given = {"wiener": False, "residual": "none"} | self.keywords["inputs"]
        try:
            chosen = chosen_channels(channels, outputs, **given)
        except ValueError as error:
            raise Mistake(f"{key}.inputs", f"does not fit: {str(error).removeprefix('inputs: ')}") from error
        count = len(chosen) + given["wiener"]
        if self.keywords.get("filter", {}).get("complex_pair") and count != 2:
            raise Mistake(f"{key}.filter.complex_pair", f"needs 2 input channels; the model reads {count}")


class Shipped(Setting):
    """A trained network that comes with the package, as it is."""

    kind: Literal["shipped"] = setting("`shipped`.", alias="class")
    name: str = setting("Its name in `lofi priors`.", example="radio")
    training: ClassVar[None] = None
    keywords: ClassVar[Mapping[str, Any]] = {}

    def check(self, key: str) -> None:
        """Raise Mistake if there is none of this name."""
        check_known(self.name, names(), f"{key}.name")

    def check_observed(self, key: str, channels: tuple[str, ...], outputs: int) -> None:
        """Whether it can read what is observed is found where it is used."""


def _is_shipped(model: Any) -> str:
    kind = model.get("class") if isinstance(model, dict) else getattr(model, "kind", None)
    return "shipped" if kind == "shipped" else "trained"


AnyModel = Annotated[
    Annotated[Network, Tag("trained")] | Annotated[Shipped, Tag("shipped")], Discriminator(_is_shipped)
]


def check_class(kind: str, registry: tuple[str, str], key: str) -> None:
    """Raise Mistake if a mapping of classes does not hold the value of `class`."""
    if kind not in choices(*registry):
        check_known(kind, choices(*registry), f"{key}.class")


def _check_parts(keywords: Mapping[str, Any], key: str) -> None:
    """Keywords of the parts of a model."""
    for name, options in keywords.items():
        if name in MAPPINGS:
            module, part, given = MAPPINGS[name]
            check_keywords(signature(module, part)[given:], options, f"{key}.{name}")
        elif name in PARTS:
            _check_part(name, options, f"{key}.{name}")


def _check_part(name: str, options: Any, key: str) -> None:
    """A part of a model is of a kind, and has the keywords of that kind."""
    module, registry, given = PARTS[name]
    kinds = {kind: (*place, given) for kind, place in choices(module, registry).items()}
    if name == "geometry":
        kinds["conditioned"] = CONDITIONED
    if not isinstance(options, Mapping):
        raise Mistake(key, f"is {options!r}; expected a mapping with kind and its keywords")
    if "kind" not in options:
        raise Mistake(f"{key}.kind", f"is missing; expected one of {', '.join(kinds)}")
    check_known(options["kind"], kinds, f"{key}.kind")
    *place, given = kinds[options["kind"]]
    rest = {keyword: value for keyword, value in options.items() if keyword != "kind"}
    check_keywords(signature(*place)[given:], rest, key)
    _check_parts(rest, key)
