"""Make `.venv` and install the locked dependencies and this package into it.

Standard library only: this is what runs on a machine that has nothing but Python.
A second run finds the stamp of the first and does nothing.

    python3 scripts/bootstrap.py      (Windows: py scripts\\bootstrap.py)
"""

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if sys.platform == "win32" else "bin")
PYTHON = BIN / ("python.exe" if sys.platform == "win32" else "python")
STAMP = VENV / ".handbook-stamp"
OLDEST, NEWEST = (3, 11), (3, 13)


def wanted_stamp() -> str:
    """What `.venv` was made from: this Python and the two files that say what goes into it."""
    digest = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for name in ("requirements.txt", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def install(*arguments: str) -> None:
    command = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*command, *arguments], cwd=ROOT, check=True)


def main() -> int:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        found = ".".join(map(str, sys.version_info[:3]))
        print(
            f"The handbook needs Python 3.11, 3.12 or 3.13; this is {found} ({sys.executable}).\n"
            "Name another one: make PYTHON=python3.12 book\n"
            "Without make: python3.12 scripts/bootstrap.py "
            "(Windows: py -3.12 scripts\\bootstrap.py)",
            file=sys.stderr,
        )
        return 2
    stamp = wanted_stamp()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == stamp:
        return 0
    print("Setting up .venv (once; some minutes) ...", flush=True)
    try:
        if VENV.exists():
            shutil.rmtree(VENV)
        venv.create(VENV, with_pip=True)
        install("--require-hashes", "--requirement", "requirements.txt")
        install("--no-deps", "--no-build-isolation", "--editable", ".")
    except subprocess.CalledProcessError as error:
        print(
            f"Set-up failed: pip ended with {error.returncode}.\n"
            "What pip says stands above. Mend it and run the same command again.",
            file=sys.stderr,
        )
        return 2
    STAMP.write_text(stamp)
    return 0


if __name__ == "__main__":
    sys.exit(main())
