"""Options that commands share: which field is which, how files are read, and where output goes."""

from collections.abc import Callable
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

__all__ = [
    "DateField", "IdField", "SourceField", "TextField", "UrlField", "listed", "named", "output_option", "path",
    "reading",
]  # fmt: skip

FIELDS = "Fields of JSON lines and columns of tables"
IdField = Annotated[str, typer.Option(help="Field of the id.", rich_help_panel=FIELDS)]
TextField = Annotated[str, typer.Option(help="Field of the text.", rich_help_panel=FIELDS)]
UrlField = Annotated[str, typer.Option(help="Field of the URL.", rich_help_panel=FIELDS)]
SourceField = Annotated[str, typer.Option(help="Field of the site or outlet.", rich_help_panel=FIELDS)]
DateField = Annotated[str, typer.Option(help="Field of the date.", rich_help_panel=FIELDS)]
Encoding = Annotated[str, typer.Option(help="Encoding of text files, CSV and TSV.")]
Html = Annotated[str, typer.Option(help="What is taken of a page of HTML: its main text, or all.", metavar="main|all")]
OPTIONS: dict[str, tuple[Any, str]] = {
    "id_field": (IdField, "id"), "text_field": (TextField, "text"), "url_field": (UrlField, "url"),
    "source_field": (SourceField, "source"), "date_field": (DateField, "date"), "encoding": (Encoding, "utf-8"),
    "html": (Html, "main"),
}  # fmt: skip


def output_option(words: str) -> Any:
    """The option for a file or folder of output, which is explained in some words and must have a name."""
    return typer.Option("-o", "--output", help=words, metavar="<path>", parser=path)


def named(place: str) -> str:
    """A path, or a URL; an empty one, as of a variable that is not set, would be the folder at hand."""
    if not place:
        raise typer.BadParameter("it must not be empty")
    return place


def path(name: str | Path) -> Path:
    """The same, of a file or a folder."""
    return Path(named(str(name)))


def listed(names: str) -> tuple[str, ...]:
    """Names that are separated by commas, with or without spaces."""
    return tuple(name.strip() for name in names.split(","))


def reading(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose parameter `fields` is made of options, which stand in its place: an `InputConfig`."""

    def run(**given: Any) -> None:
        from dedup.config import InputConfig

        command(fields=InputConfig(**{name: given.pop(name) for name in OPTIONS}), **given)

    hints, parameters = get_type_hints(command, include_extras=True), list[Parameter]()
    for parameter in signature(command).parameters.values():
        if parameter.name == "fields":
            parameters += [
                Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)
                for name, (kind, default) in OPTIONS.items()
            ]
        else:
            kind = hints[parameter.name]
            parameters.append(parameter.replace(kind=Parameter.KEYWORD_ONLY, annotation=kind))
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__signature__ = signature(command).replace(parameters=parameters)  # type: ignore[attr-defined]
    return run
