"""The template's functions and layers as zip files: same content, same bytes, same name.

What `sam build` does for AWS, in a second: sources are zipped as they lie. A layer with a requirements.txt is installed
once for the interpreter that will run it, and its zip file only points there: MiniStack unpacks all layers anew for
each process it starts. Files are named by their content, so that a deployment changes only what changed.
"""

import compileall
import hashlib
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory

from tools.build import bundle, fast_start, roots
from tools.build.bundle import write_bundle
from tools.build.fast_start import compile_bytecode, drop_documentation, drop_fonts, slim_botocore
from tools.local.ministack import PYTHON
from tools.paths import ROOT, UV
from tools.template import Template, of_type

FUNCTION, LAYER = "AWS::Serverless::Function", "AWS::Serverless::LayerVersion"
LAYERS = ROOT / ".tools/layers"
SITE = "python/lib/python3/site-packages"  # where a layer's .pth files are heeded
BUILDERS = [Path(str(module)) for module in (__file__, bundle.__file__, fast_start.__file__, roots.__file__)]
SOURCE_OF = {FUNCTION: "CodeUri", LAYER: "ContentUri"}


def package(template: Template, build: Path) -> dict[str, Path]:
    """A zip file for each local path of the template, by logical id."""
    build.mkdir(parents=True, exist_ok=True)
    sources = {
        name: ROOT / resource["Properties"][SOURCE_OF[resource["Type"]]]
        for name, resource in of_type(template, FUNCTION, LAYER).items()
    }
    with ThreadPoolExecutor() as pool:
        zips = dict(zip(sources, pool.map(lambda source: zip_of(source, build), sources.values()), strict=True))
    forget_others(build, zips.values())
    return zips


def zip_of(source: Path, build: Path) -> Path:
    if not source.is_dir():
        raise FileNotFoundError(f"template.yaml names {source.relative_to(ROOT)}, which does not exist")
    target = build / f"{source.name}-{digest_of(source)}.zip"
    if (source / "requirements.txt").exists():
        site = installed(source)
        if not target.exists():
            write_zip({f"{SITE}/layer.pth": f"import sys; sys.path.insert(0, {str(site)!r})".encode()}, target)
    elif not target.exists():
        with TemporaryDirectory(dir=build) as scratch:
            folder = Path(scratch, source.name)
            shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
            # This interpreter made MiniStack's environment, so it will do; and a process each would take longer.
            compileall.compile_dir(
                folder,
                quiet=2,
                force=True,
                invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
                stripdir=str(folder),
            )
            if (folder / "python").is_dir():
                write_bundle(folder / "python", folder.name)
            files = sorted(path for path in folder.rglob("*") if path.is_file())
            write_zip({path.relative_to(folder).as_posix(): path.read_bytes() for path in files}, target)
    return target


def digest_of(source: Path) -> str:
    """Of all that decides what is built: the files, this code, and the interpreter."""
    digest = hashlib.sha256(PYTHON.resolve().as_posix().encode())
    for path in (*BUILDERS, *files_of(source)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def installed(source: Path) -> Path:
    """The layer's packages, shared by all stacks of this working copy. Those of one lock never change."""
    home = LAYERS / f"{source.name}-{digest_of(source)}"
    if not home.exists():
        LAYERS.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=LAYERS) as scratch:
            folder = Path(scratch, source.name)
            install(source / "requirements.txt", folder / "python")
            compile_bytecode(folder, str(PYTHON))
            fast_start.bundle([folder], str(PYTHON))
            with suppress(OSError):  # another stack was faster
                folder.rename(home)
    return home / "python"


def install(requirements: Path, site: Path) -> None:
    """Without dependencies: the lock names them all, and pins what the font packages need not."""
    command = [str(UV), "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--link-mode", "copy"]
    command += ["--python", str(PYTHON), "--target", str(site), "--requirements", str(requirements)]
    subprocess.run(command, check=True, cwd=ROOT)
    shutil.rmtree(site / "bin", ignore_errors=True)
    slim_botocore(site)
    drop_documentation(site)
    drop_fonts(site)


def write_zip(files: Mapping[str, bytes], target: Path) -> None:
    partial = target.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    partial.rename(target)


def forget_others(build: Path, wanted: Iterable[Path]) -> None:
    for path in set(build.glob("*.zip")) - set(wanted):
        path.unlink()
