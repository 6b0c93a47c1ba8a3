"""Read `.env` as `sh` does with `. ./.env` and as Compose does; what those two read differently is refused.

Both know comments, quotes and variables, but not alike: `A=my data` is one value to Compose and a command to `sh`. A
home folder as `~` is the one thing that Compose leaves to us; no variable of docker-compose.yml has one.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from cluster.errors import BadSetting

EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"
ALIKE = 0.85  # how much of a name must be that of another for it to be taken for a slip

_IDLE = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_NAME = re.compile(r"[ \t]*(?P<export>export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)=")
_SPACED = re.compile(r"[ \t]*(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*(?:[ \t]+=|=[ \t]+\S)")
_QUOTED = {"'": re.compile(r"'([^']*)'"), '"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)}
_BARE = re.compile(r"[^\s'\"\\`;&|<>()]*")
_END = {True: re.compile(r"[ \t]*(?:[ \t]#[^\n]*)?(?:\n|\Z)"), False: re.compile(r"[ \t]*(?: #[^\n]*)?(?:\n|\Z)")}
_PART = re.compile(
    r"\\(?P<escaped>[\"\\$])"
    r"|\$(?:(?P<plain>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)(?P<dash>:?-)?(?P<default>(?<=-)[\w./:@%+,= -]*)?\})"
    r"|(?P<wrong>[\\$`])",
    re.ASCII,
)
_UNSAFE_BARE = re.compile(r"~[^/]|.*:~", re.DOTALL)  # home folders of others, or of several paths
_SPLIT_BY_EXPORT = re.compile(r"[~*?\[{$]")  # what dash does to a bare argument of export, though not to a bare value
_ENCODINGS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_SECRET = re.compile("KEY|PASSWORD|WEBHOOK")


@dataclass
class _File:
    """A file while it is read: its text, the place that is reached, and what was found up to there."""

    path: Path
    text: str
    environ: Mapping[str, str]
    place: int = 0
    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)  # where each name stands
    used: set[str] = field(default_factory=set)  # names of variables that values refer to
    doubts: list[str] = field(default_factory=list)

    @property
    def line(self) -> int:
        """The number of the line that is reached."""
        return self.text.count("\n", 0, self.place) + 1

    def at_line(self, sentence: str) -> str:
        """The sentence with its file and line."""
        return f"{self.path}, line {self.line}: {sentence}"

    def bad(self, sentence: str) -> BadSetting:
        """The error that names file and line."""
        return BadSetting(self.at_line(sentence))


def read_env_file(path: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables that an env file sets; a missing file sets none.

    A `$NAME` in a value is that of `environ`, else of a line above, else nothing.

    Raises:
        BadSetting: a line is not NAME=value, or is read differently by `sh` and Compose, or the file cannot be read;
            the message has the line's number, and how to write it.
    """
    return _read(path, environ).values


def doubtful(path: Path, environ: Mapping[str, str] = os.environ) -> list[str]:
    """Sentences about lines that are read, but hardly as they are meant: names with a slip, and the like.

    Raises:
        BadSetting: as `read_env_file` does.
    """
    read = _read(path, environ)
    for name, line in read.lines.items():
        if name not in read.used and (meant := _meant(name)):
            read.doubts.append(f"{path}, line {line}: {name} is not a setting; did you mean {meant}?")
    return read.doubts


def written(value: object) -> str:
    """A value as it is written behind NAME=, so that every reader takes it for the same.

    Raises:
        BadSetting: there is no such form: a backtick beside a single quote.
    """
    text = str(value)
    if re.fullmatch(r"[\w./:@%+,=-]*", text):
        return text
    if "'" not in text and not re.search(r"\\(?:\\|\Z)", text):
        return f"'{text}'"
    if "`" in text:
        raise BadSetting(f"{text!r} cannot be written to .env: choose one without ' or without `.")
    return '"' + re.sub(r'(["\\$])', r"\\\1", text) + '"'


def _read(path: Path, environ: Mapping[str, str]) -> _File:
    try:
        coded = path.read_bytes()
    except FileNotFoundError:
        return _File(path, "", environ)
    except OSError as error:
        raise BadSetting(f"{path} cannot be read ({error.strerror}).") from error
    read = _File(path, _decoded(path, coded), environ)
    if coded.startswith(codecs.BOM_UTF8):
        read.doubts.append(
            f"{path} begins with a byte order mark, which `. ./.env` takes for a part of its first line."
        )
    if "\r\n" in read.text:
        read.text = read.text.replace("\r\n", "\n")
        way_out = f"`sed -i 's/\\r$//' {path.name}`"
        read.doubts.append(
            f"{path} has line ends of Windows, which `. ./.env` takes for a part of the values: {way_out}."
        )
    while read.place < len(read.text):
        if idle := _IDLE.match(read.text, read.place):
            read.place = idle.end()
        else:
            _read_variable(read)
    return read


def _decoded(path: Path, coded: bytes) -> str:
    encoding = next((name for mark, name in _ENCODINGS.items() if coded.startswith(mark)), None)
    if encoding is None and b"\0" in coded:
        encoding = "UTF-16LE" if coded[1:2] == b"\0" else "UTF-16BE"
    if encoding:
        way_out = f"`iconv -f {encoding} -t UTF-8 {path.name} > new && mv new {path.name}`"
        raise BadSetting(f"{path} is encoded in {encoding}, which neither sh nor Compose reads: {way_out}.")
    try:
        return coded.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = coded.count(b"\n", 0, error.start) + 1
        raise BadSetting(f"{path}, line {line}: there are bytes that are not UTF-8; save the file as UTF-8.") from error


def _read_variable(read: _File) -> None:
    found, spaced = _NAME.match(read.text, read.place), _SPACED.match(read.text, read.place)
    line = read.text[read.place :].partition("\n")[0]
    if spaced:
        name, _, text = line.strip().removeprefix("export ").partition("=")
        raise read.bad(f"a space around = makes it a command of sh: {_advice(name.strip(), text)}.")
    if not found:
        raise read.bad(f"{line!r} is not NAME=value.")
    name, start = found["name"], found.end()
    if read.values.get(name):  # an empty one is a place that was left free
        read.doubts.append(read.at_line(f"{name} stands in line {read.lines[name]}, too; the last one counts."))
    value, end = _value(read, name, start, exported=bool(found["export"]))
    read.lines[name], read.values[name], read.place = read.line, value, end


def _advice(name: str, text: str) -> str:
    """How the rest of a line is written so that both read it alike; what may be secret is not shown."""
    value = re.split(r"(?:^|\s)#", text)[0].strip()
    hidden = _SECRET.search(name) or {"'", "`"} <= set(value)
    shown = "'…'" if hidden else written(value)
    return f"write {name}={shown}{'' if value == text.strip() else ', and the comment above it'}"


def _value(read: _File, name: str, start: int, exported: bool) -> tuple[str, int]:
    """The value that begins at `start`, and where the next line begins."""
    quote = read.text[start : start + 1]
    quoted = quote in _QUOTED
    found = (_QUOTED[quote] if quoted else _BARE).match(read.text, start)
    if not found:
        raise read.bad(f"the {quote} of {name} is not closed.")
    text = found[1] if quoted else found[0]
    if quote == "'" and re.search(r"\\(?:\\|\Z)", text):
        raise read.bad(
            f'{name}: write \\\\ in double quotes, as in {name}="C:\\\\data", or end with another character.'
        )
    end = _END[quoted].match(read.text, found.end())
    if not end and quoted:
        raise read.bad(f"{name}: after the closing {quote} there may be a space and a # with a comment, and no more.")
    if not quoted and (not end or _UNSAFE_BARE.match(text)):
        line = read.text[start:].partition("\n")[0]
        raise read.bad(f"a space or a sign in it has a meaning of its own to sh or Compose: {_advice(name, line)}.")
    if not quoted and exported and _SPLIT_BY_EXPORT.search(text):
        raise read.bad(f'{name}: write it without export, or in double quotes, as in {name}="$HOME/data".')
    assert end
    return (text if quote == "'" else "".join(_parts(read, name, text, quoted))), end.end()


def _parts(read: _File, name: str, text: str, quoted: bool) -> Iterator[str]:
    """The pieces of a value without quotes or in double ones: its text, and what its variables mean."""
    done = 0
    if not quoted and text.startswith("~"):
        yield _of_variable(read, "HOME", None, "")
        done = 1
    for part in _PART.finditer(text, done):
        yield text[done : part.start()]
        done = part.end()
        if part["wrong"] == "\\":
            raise read.bad(f'in double quotes \\ stands only before ", \\ and $: {_advice(name, text)}.')
        if part["wrong"]:
            forms = "$NAME, ${NAME} or ${NAME:-default}"
            raise read.bad(f"a {part['wrong']} that is no {forms} belongs in single quotes: {_advice(name, text)}.")
        yield part["escaped"] or _of_variable(read, part["plain"] or part["braced"], part["dash"], part["default"])
    yield text[done:]


def _of_variable(read: _File, name: str, dash: str | None, default: str | None) -> str:
    read.used.add(name)
    value = read.environ.get(name, read.values.get(name))
    if value is None and dash is None:
        read.doubts.append(read.at_line(f"${name} is not set, and stands for nothing."))
    if value is None or (dash == ":-" and not value):
        return default or ""
    return value


def _meant(name: str) -> str | None:
    """The setting that a name is a slip of; None for a setting, and for a name that looks like none."""
    known = set(re.findall(r"^#? ?([A-Z][A-Z_]*)=", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE))
    if name in known or name.startswith(("CONTAINER_", "COMPOSE_", "DOCKER_")):
        return None
    plain = {each.replace("_", ""): each for each in known}
    close = get_close_matches(name.upper().replace("_", ""), plain, 1, ALIKE)
    return plain[close[0]] if close else None
