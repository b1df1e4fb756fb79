"""Files that people write in YAML: read strictly, every mistake named with its line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from handbook import paths
from handbook.errors import HandbookError

Place = tuple[str | int, ...]
"""Where something stands in a file: keys and positions, from the top."""

AnyModel = TypeVar("AnyModel", bound=BaseModel)


class _Loader(yaml.SafeLoader):
    """YAML whose yes, no, on and off are words, not truth values."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("(?:true|True|false|False)$"), list("tTfF")
)


@dataclass(frozen=True)
class YamlFile:
    """A YAML file that holds fields.

    Attributes
    ----------
    shown
        Its path, as messages name it.
    content
        What it says.
    lines
        The line of each place, counted from 1.
    mistakes
        Fields that stand there twice.
    """

    shown: str
    content: dict[str, Any]
    lines: Mapping[Place, int]
    mistakes: list[str] = field(default_factory=list)

    def where(self, place: Place) -> str:
        """Return line and place, as messages name them: the part of a list by its id, if any."""
        known = place
        while known not in self.lines:
            known = known[:-1]
        named, here = [], self.content
        for part in place:
            try:
                here = here[part]
            except (KeyError, IndexError, TypeError):
                here = None
            id = here.get("id") if isinstance(part, int) and isinstance(here, dict) else None
            named.append(id if isinstance(id, str) else str(part))
        return f"line {self.lines[known]}, {'.'.join(named) or 'the file'}"


def read_yaml(path: Path, expected: str, hint: str) -> YamlFile:
    """Read a YAML file that holds fields.

    Parameters
    ----------
    path
        The file.
    expected
        What fields it holds, in words.
    hint
        What to do when there is no such file.

    Raises
    ------
    HandbookError
        When it is missing, is not UTF-8, is not YAML or holds no fields.
    """
    shown = path.relative_to(paths.ROOT) if path.is_relative_to(paths.ROOT) else path
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise HandbookError(f"{shown}: there is no such file. {hint}") from None
    except OSError as error:
        raise HandbookError(f"{shown}: cannot be read: {error.strerror}. {hint}") from None
    except UnicodeDecodeError as error:
        raise HandbookError(
            f"{shown}: expected UTF-8 text, found the byte 0x{error.object[error.start]:02x} at "
            f"position {error.start}. Save the file as UTF-8."
        ) from None
    try:
        tree = yaml.compose(text, Loader=_Loader)
        content = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise HandbookError(
            f"{shown}{where}: expected YAML, found: {getattr(error, 'problem', error)}. "
            "Check the indentation and the quotes there."
        ) from None
    if not isinstance(content, dict):
        raise HandbookError(
            f"{shown}: expected {expected}, found "
            f"{'nothing' if content is None else type(content).__name__}."
        )
    file = YamlFile(str(shown), content, dict(_find_lines(tree)))
    file.mistakes.extend(
        f"line {line}, {file.where(place).split(', ', 1)[1]}: this field stands there for the "
        "second time. Keep one."
        for place, line in _find_doubles(tree)
    )
    return file


def parse(file: YamlFile, model: type[AnyModel], expected: Mapping[str, str]) -> AnyModel:
    """Return what a file says as `model`.

    Parameters
    ----------
    file
        The file.
    model
        What it should hold.
    expected
        A pattern to what a reader is told about a value that does not match it.

    Raises
    ------
    HandbookError
        With every mistake: line, field, what was expected and what was found.
    """
    mistakes = list(file.mistakes)
    try:
        parsed = model.model_validate(file.content)
    except ValidationError as error:
        mistakes += [
            _explain(mistake, file, model, expected)
            for mistake in error.errors()
            if not _follows(mistake)
        ]
    refuse(file, mistakes)
    return parsed


def refuse(file: YamlFile, mistakes: list[str]) -> None:
    """Raise a HandbookError of every mistake; nothing happens where there is none."""
    if mistakes:
        raise HandbookError("\n".join(f"{file.shown}, {mistake}" for mistake in mistakes))


def _find_lines(node: yaml.Node, place: Place = ()) -> Iterator[tuple[Place, int]]:
    """Yield every place of a YAML tree with its line, counted from 1."""
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _find_lines(value, (*place, key.value))
            yield (*place, key.value), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _find_lines(value, (*place, number))


def _find_doubles(node: yaml.Node, place: Place = ()) -> Iterator[tuple[Place, int]]:
    """Yield every key that its mapping has already, with its line."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield (*place, key.value), key.start_mark.line + 1
            seen.add(key.value)
            yield from _find_doubles(value, (*place, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _find_doubles(value, (*place, number))


def _follows(mistake: Any) -> bool:
    """Return whether a list is found too short only because of mistakes in its parts."""
    found = mistake["input"]
    return (
        mistake["type"] == "too_short"
        and isinstance(found, list)
        and len(found) >= mistake["ctx"]["min_length"]
    )


def _explain(mistake: Any, file: YamlFile, model: type, expected: Mapping[str, str]) -> str:
    """Say one of pydantic's findings in the terms of the file."""
    place = tuple(part for part in mistake["loc"] if part != "[key]")
    where = file.where(place)
    found = mistake["input"]
    match mistake["type"]:
        case "extra_forbidden":
            fields = list(_fields_at(place[:-1], model))
            near = difflib.get_close_matches(str(place[-1]), fields, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else "Remove it."
            return f"{where}: no such field; expected one of {', '.join(fields)}. {hint}"
        case "missing":
            return f"{where}: this field is missing. Add it."
        case "value_error":
            return f"{where}: {mistake['ctx']['error']}. Mend it there."
        case "string_pattern_mismatch":
            wanted = expected[mistake["ctx"]["pattern"]]
        case "string_type":
            wanted = "text (in quotes when it looks like a number or a date)"
        case "string_too_short":
            wanted = "text"
        case "tuple_type":
            wanted = "a list"
        case "too_short":
            wanted = f"a list of {mistake['ctx']['min_length']} or more"
        case "model_type":
            wanted = f"the fields {', '.join(_fields_at(place, model))}"
        case _:
            wanted = mistake["msg"].removeprefix("Input should be ")
    return f"{where}: expected {wanted}, found {found!r}. Correct the value."


def _fields_at(place: Place, model: type) -> Iterator[str]:
    """Yield the names of the fields that may stand at a place of the file."""
    kind: Any = model
    for part in place:
        kind = _strip(kind)
        if get_origin(kind) is dict:
            kind = get_args(kind)[1]
        elif get_origin(kind) is tuple:
            kind = get_args(kind)[0]
        else:
            kind = kind.model_fields[part].annotation
    yield from _strip(kind).model_fields


def _strip(kind: Any) -> Any:
    """Return a type without its annotations and without its None."""
    while get_origin(kind) in (Annotated, Union, UnionType):
        kind = next(part for part in get_args(kind) if part is not type(None))
    return kind
