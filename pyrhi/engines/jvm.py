"""Starting the one JVM of a process, with an ImageJ in it, late and only when it is needed."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyrhi.errors import EngineError
from pyrhi.extras import need
from pyrhi.wording import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

EXTRA = "imagej"
IMAGEJ_VERSION = "1.54p"
IMAGEJ_COORDINATE = f"net.imagej:ij:{IMAGEJ_VERSION}"
PATCHER_COORDINATE = "net.imagej:ij1-patcher:2.0.0"
MIN_JAVA = 11

OPEN_LANG = "--add-opens=java.base/java.lang=ALL-UNNAMED"
"""The patcher defines classes by reflection on java.lang, which Java 17 forbids otherwise."""

INSTALL_JAVA = (
    f"install Java {MIN_JAVA} or later (for example: apt install default-jre-headless, "
    "or conda install openjdk) or set JAVA_HOME to it"
)
JAR_FOLDERS = ("jars", "plugins")
"""Folders of a Fiji with the jars of its class path."""

FETCH_AGAIN_SECONDS = 3.0
"""Wait before fetching is tried a second and last time."""


def scyjava() -> Any:
    """Import scyjava, which does not start Java.

    Raises
    ------
    PyrhiError
        If the extra ``imagej`` is not installed.
    """
    return need("scyjava", EXTRA)


def is_started() -> bool:
    """Return True where this process has a JVM; without scyjava it has none that pyrhi uses."""
    try:
        import jpype
    except ImportError:
        return False
    return bool(jpype.isJVMStarted())


def find_java() -> tuple[Path, tuple[int, ...]]:
    """Return the library of the Java that would be started, and its version.

    Returns
    -------
    library : Path
        The JVM's shared library.
    version : tuple of int
        Version numbers such as ``(17, 0, 15)``; empty where Java does not tell.

    Raises
    ------
    EngineError
        If there is no Java, or one that is too old; the message says what to install.
    """
    jpype = need("jpype", EXTRA)
    try:
        library = Path(jpype.getDefaultJVMPath())
    except (jpype.JVMNotFoundException, jpype.JVMNotSupportedException, OSError) as error:
        msg = f"no Java was found, and ImageJ needs one: {INSTALL_JAVA}"
        raise EngineError(msg) from error
    try:
        version = tuple(int(part) for part in scyjava().jvm_version())
    except (RuntimeError, OSError, ValueError):
        version = ()
    # Java 8 calls itself 1.8.
    if version and version[0] < MIN_JAVA:
        shown = ".".join(map(str, version))
        msg = f"Java {shown} at {library} is too old for ImageJ in Python: {INSTALL_JAVA}"
        raise EngineError(msg)
    return library, version


def start(fiji: str | os.PathLike[str] | None = None, /) -> None:
    """Make sure that the JVM of this process runs and holds an ImageJ.

    Parameters
    ----------
    fiji
        Folder of a local Fiji or ImageJ; None takes ImageJ 1.54p from Maven Central. It counts
        only where no JVM runs yet.

    Raises
    ------
    EngineError
        If there is no usable Java or ImageJ, or the running JVM has none.
    """
    folder = None
    if not is_started():
        # Look first: a missing folder is a clearer message than a missing Java.
        folder = None if fiji is None else check_fiji(fiji)
        find_java()
        if folder is None:
            _start_from_maven()
        elif _has_jars(folder):
            _start_fiji(folder)
        else:
            _start_with([str(folder / "ij.jar")])
    try:
        jimport("ij.IJ")
    except EngineError:
        if folder is not None:
            msg = f"{folder} has no ImageJ that starts; give the folder of another one (--fiji)"
            raise EngineError(msg) from None
        msg = (
            "the Java of this process was started without ImageJ; "
            "use pyrhi.engines.ImageJ before other libraries start Java, or in a new process"
        )
        raise EngineError(msg) from None


def check_fiji(folder: str | os.PathLike[str], /) -> Path:
    """Return the folder of a Fiji or ImageJ.

    Raises
    ------
    EngineError
        If the folder is not one.
    """
    path = Path(folder).expanduser().absolute()
    # A Mac's ImageJ keeps its jar inside the application.
    inside = path / "Contents" / "Java"
    if (inside / "ij.jar").is_file():
        return inside
    if (path / "ij.jar").is_file() or _has_jars(path):
        return path
    msg = (
        f"{path} is not a folder of Fiji or ImageJ (no jars/ij-*.jar and no ij.jar in it); "
        "give the folder that holds its jars or ij.jar"
    )
    raise EngineError(msg)


def _has_jars(folder: Path) -> bool:
    return any(folder.glob("jars/ij-*.jar"))


def jimport(name: str, /) -> Any:
    """Return a Java class of whichever ImageJ runs in this process.

    Raises
    ------
    EngineError
        If the running JVM has no such class.
    """
    try:
        return scyjava().jimport(name)
    except TypeError as error:
        msg = f"the ImageJ of this process has no class {name}; use ImageJ 1.53k or later"
        raise EngineError(msg) from error


@contextmanager
def java_errors(what: str, /) -> Iterator[None]:
    """Turn what Java throws into one line.

    Parameters
    ----------
    what
        What is being done, to begin the line with.

    Raises
    ------
    EngineError
        In place of a Java exception.
    """
    import jpype

    try:
        yield
    except jpype.JException as error:
        name = str(error.getClass().getName())
        if name == "java.lang.OutOfMemoryError":
            msg = f"{what}: Java has too little memory; close other programs or use --engine numpy"
        else:
            text = " ".join(str(error.getMessage() or "").split())
            msg = f"{what}: ImageJ failed ({name.rpartition('.')[2]}: {text})"
        raise EngineError(msg) from error


def maven_jars(*coordinates: str) -> list[str]:
    """Return the jar files of Maven coordinates, fetched from Maven Central on first use.

    Parameters
    ----------
    coordinates
        Such as ``"net.imagej:ij:1.54p"``.

    Raises
    ------
    EngineError
        If they are neither here from an earlier time nor can be fetched.
    """
    folder = _cache_folder() / "+".join(_jar_name(c).removesuffix(".jar") for c in coordinates)
    if jars := _complete(folder, coordinates):
        return jars
    try:
        return _fetched(folder, coordinates)
    except Exception:  # jgo, its parsers and the network raise nearly anything
        # Another process may have been fetching the same files; give it time to finish.
        time.sleep(FETCH_AGAIN_SECONDS)
    try:
        return _complete(folder, coordinates) or _fetched(folder, coordinates)
    except Exception as error:
        msg = (
            f"{' and '.join(coordinates)} could not be fetched from Maven Central "
            f"({one_line(error)}); connect to the network once, or name a local Fiji or ImageJ "
            "(--fiji DIR)"
        )
        raise EngineError(msg) from error


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pyrhi"


def _jar_name(coordinate: str) -> str:
    _, name, version = coordinate.split(":")
    return f"{name}-{version}.jar"


def _complete(folder: Path, coordinates: tuple[str, ...]) -> list[str]:
    """Return the jars of a folder that holds those of all coordinates, else none."""
    if all((folder / _jar_name(coordinate)).is_file() for coordinate in coordinates):
        return sorted(map(str, folder.glob("*.jar")))
    return []


def _fetched(folder: Path, coordinates: tuple[str, ...]) -> list[str]:
    """Fetch jars and put them in place all at once.

    A folder that jgo keeps is emptied and filled again at every start, under the feet of other
    processes; so jgo works in a folder of its own, and what it found is renamed into place.
    """
    jgo = need("jgo", EXTRA)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder.parent) as scratch:
        # Without repositories jgo asks Maven Central alone.
        found = jgo.build(
            endpoint="+".join(coordinates), cache_dir=Path(scratch) / "jgo", repositories={}
        )
        staged = Path(scratch) / "jars"
        staged.mkdir()
        for jar in (*found.modules_dir.glob("*.jar"), *found.jars_dir.glob("*.jar")):
            shutil.copy2(jar, staged)
        if not _complete(staged, coordinates):
            msg = "Maven Central did not give all jars"
            raise FileNotFoundError(msg)
        if folder.exists() and not _complete(folder, coordinates):
            shutil.rmtree(folder)
        # Where another process was first, its folder stays.
        with suppress(OSError):
            staged.rename(folder)
    return _complete(folder, coordinates)


def _start_from_maven() -> None:
    _start_with(maven_jars(IMAGEJ_COORDINATE, PATCHER_COORDINATE))


def _start_with(jars: list[str], *options: str) -> None:
    """Start the JVM with these jars alone, whatever other libraries asked scyjava for."""
    java = scyjava()
    wanted = list(java.config.endpoints)
    java.config.endpoints.clear()
    try:
        # Java is there, as find_java has seen; without this scyjava downloads another one.
        java.config.set_java_constraints(fetch="auto")
        java.config.add_classpath(*jars)
        java.config.add_options([OPEN_LANG, *options])
        java.config.enable_headless_mode()
        java.start_jvm()
    except Exception as error:  # jpype and scyjava raise RuntimeError, OSError, TypeError
        # Once Java runs, what failed is another library's: imglyb wants its own jars at once.
        if not is_started():
            msg = f"Java could not be started ({one_line(error)}); {INSTALL_JAVA}"
            raise EngineError(msg) from error
    finally:
        java.config.endpoints.extend(wanted)
    if any("ij1-patcher" in jar for jar in jars):
        # Before any class of ij: later it is too late for a pyimagej gateway in this process.
        with java_errors("starting ImageJ"):
            java.jimport("net.imagej.patcher.LegacyInjector").preinit()
    stop_threads_at_exit()


def _start_fiji(folder: Path) -> None:
    """Start the JVM on a Fiji's own jars.

    A gateway of pyimagej would need imglib2-imglyb, which a Fiji does not have; ImageJ itself,
    which measures, needs no gateway.
    """
    jars = sorted(str(jar) for place in JAR_FOLDERS for jar in (folder / place).rglob("*.jar"))
    _start_with(jars, f"-Dplugins.dir={folder}", f"-Dij.dir={folder}")


def stop_threads_at_exit() -> None:
    """Let the process end: ImageJ's thread pool would keep it alive for ever."""
    scyjava().when_jvm_stops(_stop_threads)


def _stop_threads() -> None:
    jimport("ij.util.ThreadUtil").threadPoolExecutor.shutdown()
