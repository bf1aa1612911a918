"""The options of commands that read documents: which field is which, and how files are read."""

from typing import Annotated

import typer

__all__ = ["DateField", "Encoding", "Html", "IdField", "SourceField", "TextField", "UrlField"]

FIELDS = "Fields of JSON lines and columns of tables"
IdField = Annotated[str, typer.Option(help="Field of the id.", rich_help_panel=FIELDS)]
TextField = Annotated[str, typer.Option(help="Field of the text.", rich_help_panel=FIELDS)]
UrlField = Annotated[str, typer.Option(help="Field of the URL.", rich_help_panel=FIELDS)]
SourceField = Annotated[str, typer.Option(help="Field of the site or outlet.", rich_help_panel=FIELDS)]
DateField = Annotated[str, typer.Option(help="Field of the date.", rich_help_panel=FIELDS)]
Encoding = Annotated[str, typer.Option(help="Encoding of text files, CSV and TSV.")]
Html = Annotated[str, typer.Option(help="What is taken of a page of HTML: its main text, or all.", metavar="main|all")]
