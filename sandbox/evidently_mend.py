"""Give Evidently back the one name of pandas' inner parts that pandas 3 no longer has.

Evidently 0.7.23 imports it for one test of column types, and cannot be imported without; all else works (docs/decisions/0014).
The alternative is a second environment with a second pandas. Standard library only: an image's build runs this file alone,
as ``python3 evidently_mend.py PREFIX``.
"""

from __future__ import annotations

import sys
from pathlib import Path

_FILE = "lib/python3*/site-packages/evidently/legacy/tests/data_integrity_tests.py"
_GONE = "from pandas.core.dtypes.common import infer_dtype_from_object  # type: ignore[attr-defined]\n"
_MENDED = """from pandas.api.types import pandas_dtype as _pandas_dtype

def infer_dtype_from_object(dtype):
    return _pandas_dtype(dtype).type

"""


def mend(prefix: Path) -> bool:
    """Mend the Evidently that is installed below `prefix`; False where that was done. Raises SystemExit for another one."""
    path = next(prefix.glob(_FILE))
    text = path.read_text(encoding="utf-8")
    if _MENDED in text:
        return False
    if text.count(_GONE) != 1:
        raise SystemExit(
            f"{path} is not what was mended before: does this Evidently work with pandas 3 by itself?"
        )
    path.write_text(text.replace(_GONE, _MENDED), encoding="utf-8")
    return True


if __name__ == "__main__":
    mend(Path(sys.argv[1] if len(sys.argv) > 1 else sys.prefix))
