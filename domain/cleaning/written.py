"""Numbers, missing values and truths as pandas, R, Excel, Spark, Java and JavaScript write them.

The patterns are understood by Python and by Java alike: spark_jobs/frames/written.py reads columns by them.
"""

from __future__ import annotations

import re

BLANK = " \t\u00a0\ufeff"  # what may stand around a value; the third is the space that Excel puts into numbers
PLAIN_WHOLE, PLAIN_DECIMAL = "-?[0-9]+", r"-?[0-9]+(?:\.[0-9]+)?"  # as most files write them
WHOLE = r"[+-]?[0-9]+(?:\.0*)?"  # 801, and the 801.0 of a column in which others are missing
NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?"  # also the 1e+05 of R
INFINITE = r"[+-]?(?:[iI]nf(?:inity)?|INF(?:INITY)?)"
# pandas' own list, R, SQL's \N, JavaScript's undefined, ARFF's ?
MISSING = (
    r"(?:[nN][aA]|[nN]/[aA]|#N/A(?: N/A)?|#NA|<NA>|-?(?:NaN|nan|NAN)|[nN]a[tT]|-?1\.#(?:IND|QNAN)"
    r"|[nN]ull|NULL|[nN]one|NONE|nil|undefined|\\N|\?)?"
)
TRUE = r"(?:1|1\.0*|[tT]rue|TRUE|[tT]|[yY]es|YES|[yY])"
FALSE = r"(?:0|0\.0*|-1|-1\.0*|[fF]alse|FALSE|[fF]|[nN]o|NO|[nN])"

_NUMBER, _INFINITE, _MISSING, _TRUE, _FALSE = map(re.compile, (NUMBER, INFINITE, MISSING, TRUE, FALSE))


def is_missing(text: str) -> bool:
    """Whether a cell of numbers says that there is none: empty, NA, NaN, null, …"""
    return _MISSING.fullmatch(text.strip(BLANK)) is not None


def number(text: str, decimal: str = ".") -> float | None:
    """The number that is written, also an infinite one; None where there is none. `decimal` is a point or a comma."""
    plain = text.strip(BLANK)
    if decimal != ".":
        plain = plain.replace(".", "x").replace(decimal, ".")
    return float(plain) if _NUMBER.fullmatch(plain) or _INFINITE.fullmatch(plain) else None


def truth(text: str) -> bool | None:
    """Whether a label says yes: 1, true, yes; no: 0, -1, false, no; None where it is neither."""
    plain = text.strip(BLANK)
    if _TRUE.fullmatch(plain):
        return True
    return False if _FALSE.fullmatch(plain) else None
