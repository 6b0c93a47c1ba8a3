"""Lines of an env file: those that `sh` and Compose read alike, and those that they do not."""

from __future__ import annotations

import subprocess
from pathlib import Path

OUTSIDE = {"HOME": "/home/some body", "OTHER": "o t", "EMPTY": ""}
# Forms that `sh` and Compose read alike. The values are those of Compose's documentation of env files.
ALIKE = {
    "A=": "",
    "A=b": "b",
    "  A=b  ": "b",
    "\tA=b\t": "b",
    "export A=b": "b",
    "export   A=b # why": "b",
    "A=b # why": "b",
    "A=b  # it's \"quoted": "b",
    "A=b#c": "b#c",
    "A=#b": "#b",
    "A=b=c": "b=c",
    "A='b # c'": "b # c",
    "A='b' # c": "b",
    "A='b'\t# c": "b",
    'A="b # c" # d': "b # c",
    "A=''": "",
    'A=""': "",
    'A="it\'s"': "it's",
    "A='say \"b\"'": 'say "b"',
    r'A="say \"b\""': 'say "b"',
    r'A="b\\c"': r"b\c",
    r'A="b\\"': "b\\",
    r'A="\$HOME"': "$HOME",
    r"A='b\c'": r"b\c",
    "A='$HOME ${HOME}'": "$HOME ${HOME}",
    "A=$HOME/b": "/home/some body/b",
    "A=${HOME}/b": "/home/some body/b",
    'A="$HOME/my data"': "/home/some body/my data",
    'A="${OTHER}${HOME}"': "o t/home/some body",
    "A=${UNSET:-b}": "b",
    "A=${EMPTY:-b}": "b",
    "A=${EMPTY-b}c": "c",
    "A=${UNSET-/b/c}": "/b/c",
    'A="${UNSET:-b c}"': "b c",
    "A=$UNSET": "",
    "A=b$UNSET-c": "b-c",
    "A=/b/*.[ch]?": "/b/*.[ch]?",
    "A={b,c}": "{b,c}",
    "A=50%": "50%",
    "A=b!": "b!",
    "A=b@c:9042,d:9042": "b@c:9042,d:9042",
    "A=döner": "döner",
    "A='b\nc'": "b\nc",
    'A="b\n# no comment\n\nc"': "b\n# no comment\n\nc",
    "A=1\nA=2": "2",
    "X=b\nA=$X/c": "b/c",
    "X=b\nA='$X'\nX=c": "$X",
    "# A=0\n\n   # A=1\nA=b": "b",
    "A=b\n#A=c\n": "b",
}
# Forms that they read differently, or that one of them does not read at all; and a part of what the refusal says.
REFUSED = {
    "A = b": "around =.*write A=b\\.",
    "A =b": "around =",
    "API_KEY=s3cret word": "write API_KEY='…'",
    "A= b": "around =",
    "A= # why": "around =.*write A=, and the comment above it",
    "A=b c": "meaning of its own",
    "A=/home/my data": "write A='/home/my data'",
    "A=b\t# why": "meaning of its own",
    "A=it's": 'write A="it\'s"',
    'A=b"c"': "meaning of its own",
    "A=b;c": "meaning of its own",
    "A=b&c": "meaning of its own",
    "A=b|c": "meaning of its own",
    "A=b<c>": "meaning of its own",
    "A=b(c)": "meaning of its own",
    "A=b`c`": "meaning of its own",
    "A=b\\ c": "meaning of its own",
    "A=C:\\data": r"write A='C:\\data'",
    "A=b\u00a0": "meaning of its own",
    "A=\u2007b": "meaning of its own",
    "A=b:~/c": "meaning of its own",
    "A=~other/c": "meaning of its own",
    "A=$$": r"\$",
    "A=b$": r"\$",
    "A=$1": r"\$",
    "A=$(date)": "meaning of its own",
    "A=${HOME": r"\$",
    "A=${HOME:?no}": r"\$",
    "A=${HOME%/*}": r"\$",
    "A=${X:-$HOME}": r"\$",
    "A=${X:-'b'}": "meaning of its own",
    'A="b$"': r"\$",
    'A="$(date)"': r"\$",
    'A="b`date`"': "`",
    r'A="b\n"': r"\\",
    r'A="C:\temp"': r"\\",
    r"A='b\'": r"\\",
    r"A='it\'s'": r"\\",
    r"A='\\b'": r"\\",
    "A='b'c": "after the closing",
    'A="b"#c': "after the closing",
    "A='b' c": "after the closing",
    "A='b' 'c'": "after the closing",
    "A='b": "not closed",
    'A="b': "not closed",
    'A="b\nB=c': "not closed",
    "A": "not NAME=value",
    "A: b": "not NAME=value",
    "export A": "not NAME=value",
    "workers two": "not NAME=value",
    "1A=b": "not NAME=value",
    "A.B=c": "not NAME=value",
    "A-B=c": "not NAME=value",
    "Ä=b": "not NAME=value",
    "set -a": "not NAME=value",
    "A+=b": "not NAME=value",
    "'A'=b": "not NAME=value",
    "=b": "not NAME=value",
    "export A=b*": "without export",
    "export A=$HOME": "without export",
    "A=b\rB=c": "meaning of its own",
}


def by_sh(path: Path) -> dict[str, str]:
    """What `sh` has in its environment after it has read the file."""
    script = f"set -a; . '{path}'; set +a; exec /usr/bin/env -0"
    answer = subprocess.run(["sh", "-c", script], env=OUTSIDE, capture_output=True, check=True)
    assert answer.stderr == b""
    pairs = answer.stdout.decode().rstrip("\0").split("\0")
    return dict(pair.split("=", 1) for pair in pairs)


def stored(folder: Path, text: str) -> Path:
    path = folder / ".env"
    path.write_bytes(text.encode())
    return path
