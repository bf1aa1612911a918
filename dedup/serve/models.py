"""Requests and responses as they stand in the OpenAPI document."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dedup.records import Document, Relation

__all__ = ["AnswerOut", "Answers", "DocumentIn", "Documents", "Ids", "Refusal", "Removed", "Status"]

MOST_DOCUMENTS = 1_000


class DocumentIn(BaseModel):
    """One text and what is known of it; what is not may be null. Other fields are passed over."""

    model_config = ConfigDict(strict=True)

    id: str = Field(min_length=1, max_length=4096, description="Whatever the text is known by.")
    text: str
    url: str | None = None
    source: str | None = Field(default=None, description="The site or outlet.")
    date: str | None = Field(default=None, description="Any form that sorts or parses.")

    def document(self) -> Document:
        """As the index takes it."""
        return Document(
            id=self.id, text=self.text, url=self.url or "", source=self.source or "", date=self.date or ""
        )  # fmt: skip


class Documents(BaseModel):
    """A batch, in the order of arrival."""

    documents: list[DocumentIn] = Field(min_length=1, max_length=MOST_DOCUMENTS)


class Ids(BaseModel):
    """Ids of documents."""

    ids: list[Annotated[str, Field(strict=True, min_length=1, max_length=4096)]] = Field(
        min_length=1, max_length=MOST_DOCUMENTS
    )


class PassageOut(BaseModel):
    """Text that two documents share: where it begins and ends in each, in characters."""

    left: tuple[int, int]
    right: tuple[int, int]
    n_tokens: int
    quoted: bool = False


class MatchOut(BaseModel):
    """What a known document, on the left, and this one are to one another; the fields are those of a scan's matches."""

    left: str
    right: str
    relation: Relation
    resemblance: float
    left_in_right: float
    right_in_left: float
    coverage: float
    confidence: float
    source: str
    passages: list[PassageOut]
    reasons: list[str]
    quotes: list[str] = []


class AnswerOut(BaseModel):
    """What the index says of a document."""

    id: str
    kind: Literal["new", "copy", "known"]
    keep: bool = Field(description="Whether the document should go on: it is new.")
    cluster: str
    representative: str = Field(description="The first document of the cluster.")
    relation: Relation | None = Field(description="What a copy is to the representative.")
    replaces: bool = Field(description="The id came before with another text, which is forgotten.")
    merged: list[str] = Field(description="Clusters that turned out to be this one.")
    matches: list[MatchOut]


class Answers(BaseModel):
    """An answer for every document, in their order."""

    answers: list[AnswerOut]


class Removed(BaseModel):
    """How many documents were known and are forgotten."""

    removed: int


class Status(BaseModel):
    """How the server is."""

    status: str


class Refusal(BaseModel):
    """Why a request was not answered."""

    detail: str
