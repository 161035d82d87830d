"""`downloads`: public data by name."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from workflow.configuration.setting import Count, Distinct, Number, Numbers, Setting, setting


def _address(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"is {url!r}; expected an address that starts with https:// or http://")
    return url


Address = Annotated[str, AfterValidator(_address)]


class File(Setting):
    """A file of a data set."""

    url: Address = setting("Address of the file.")
    path: str = setting("Path below the folder. Default: the last part of the address.", default=None)
    sha256: str = setting("SHA-256 checksum.", default=None, pattern="^[0-9a-fA-F]{64}$")
    md5: str = setting("MD5 checksum.", default=None, pattern="^[0-9a-fA-F]{32}$")
    bytes: Number = setting("Size.", unit="bytes", default=None)


class Numbered(Setting):
    """Files whose addresses differ by numbers; every other key is a range [first, last] of numbers in the address."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Numbers]
    url: Address = setting("Address; `{NAME:03d}` stands for a number of the range NAME.")

    @model_validator(mode="after")
    def _has_a_range(self) -> "Numbered":
        if not self.__pydantic_extra__:
            raise ValueError("has no range of numbers; expected a key such as run: [1, 100]")
        return self


class Zenodo(Setting):
    """Files of a Zenodo record."""

    record: Count = setting("Number of the record.", example=3384092)
    files: Annotated[list[str], Field(min_length=1), Distinct] = setting("Names of files. Default: all.", default=None)


class Download(Setting):
    """The folder, and one of the other keys."""

    folder: str = setting(
        "Folder for the files: `data`, or one below it.", pattern="^data(/[^./][^/]*)*$", example="data/kappaTNG"
    )
    files: Annotated[list[File], Field(min_length=1)] = setting("Single files.", default=None)
    numbered: Numbered = setting("Files whose addresses differ by numbers.", default=None)
    listed: str = setting("Text file with one address a line.", default=None, alias="list")
    zenodo: Zenodo = setting("Files of a Zenodo record.", default=None)

    @model_validator(mode="after")
    def _one_way(self) -> "Download":
        given = [
            field.alias or name for name, field in type(self).model_fields.items() if name in self.model_fields_set
        ]
        if len(given) != 2:
            raise ValueError(
                f"has the keys {', '.join(given)}; expected folder and one of files, numbered, list, zenodo"
            )
        return self
