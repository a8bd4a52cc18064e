"""What a user sees of the package: names, docstrings and their examples, stubs and types."""

import doctest
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import holdfast as hf
import pytest

ROOT = Path(__file__).resolve().parents[2]
OPTIONAL = {"airflow", "matplotlib", "pandas", "pyarrow", "sklearn", "torch", "typer"}


def modules() -> list[ModuleType]:
    """The package and its modules; those whose extra is not installed are left out."""
    found = [hf]
    for info in pkgutil.walk_packages(hf.__path__, "holdfast."):
        if info.name in ("holdfast.__main__", "holdfast._torch") or info.name.startswith("holdfast.lib"):
            continue
        try:
            found.append(importlib.import_module(info.name))
        except ModuleNotFoundError as error:
            if error.name is None or error.name.split(".")[0] not in OPTIONAL:
                raise
    return found


MODULES = modules()
NAMES = {module.__name__: module for module in MODULES}


def public_names() -> list[tuple[str, object]]:
    listed = [(f"{m.__name__}.{name}", getattr(m, name)) for m in MODULES for name in getattr(m, "__all__", ())]
    return sorted(listed, key=lambda item: item[0])


def methods(owner: type) -> list[tuple[str, object]]:
    """Public methods that the class defines itself; a field's name may say all there is to say."""
    found = []
    for name, value in vars(owner).items():
        value = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
        if not name.startswith("_") and callable(value):
            found.append((name, value))
    return found


def test_every_public_name_has_a_docstring():
    bare = []
    for name, value in public_names():
        if not (inspect.isclass(value) or callable(value) or inspect.ismodule(value)):
            continue
        if not inspect.getdoc(value):
            bare.append(name)
        if inspect.isclass(value) and value.__module__.startswith("holdfast"):
            bare += [f"{name}.{method}" for method, item in methods(value) if not inspect.getdoc(item)]
    assert sorted(set(bare)) == []


@pytest.mark.parametrize("name", [m.__name__ for m in MODULES if hasattr(m, "__all__")])
def test_all_is_sorted_and_true(name):
    listed = list(NAMES[name].__all__)
    assert listed == sorted(set(listed))
    assert [item for item in listed if not hasattr(NAMES[name], item)] == []


def test_everything_in_the_namespace_is_meant():
    """A public name of `holdfast` is listed, or is a module."""
    seen = {name for name, value in vars(hf).items() if not name.startswith("_") and not inspect.ismodule(value)}
    assert sorted(seen - set(hf.__all__) - {"annotations"}) == []


class _Finder(doctest.DocTestFinder):
    """Finds the examples of compiled functions and classes, too."""

    def _from_module(self, module, obj):  # doctest's own asks for __globals__
        return (
            True
            if getattr(obj, "__module__", module.__name__) == module.__name__
            else super()._from_module(module, obj)
        )

    def _find(self, tests, obj, name, module, source_lines, globs, seen):
        super()._find(tests, obj, name, module, source_lines, globs, seen)
        if not inspect.ismodule(obj) and not inspect.isclass(obj):
            return
        for key, value in vars(obj).items():
            inner = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
            if inspect.isbuiltin(inner) or type(inner).__name__ == "instancemethod":
                test = self._get_test(inner, f"{name}.{key}", module, globs, source_lines)
                if test is not None and test.name not in {other.name for other in tests}:
                    tests.append(test)


def examples() -> list[doctest.DocTest]:
    found = {}
    for module in MODULES:
        names = {"hf": hf, **vars(hf), **vars(module)}
        for test in _Finder(exclude_empty=True).find(module, module.__name__, module, extraglobs=names):
            found.setdefault(test.name, test)
    return [test for test in found.values() if test.examples]


@pytest.mark.parametrize("test", examples(), ids=lambda test: test.name)
def test_examples_in_docstrings_run(test, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    runner.run(test, out=said.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(said)


def test_there_are_examples_of_both_kinds():
    names = [test.name for test in examples()]
    assert any(name.startswith("holdfast._core.") for name in names)
    assert any(not name.startswith("holdfast._core.") for name in names)


def test_stubs_are_those_of_the_modules():
    command = [sys.executable, str(ROOT / "tools/stubs.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"run: python tools/stubs.py\n{done.stdout[-4000:]}{done.stderr[-2000:]}"


def test_types_are_strict():
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_the_package_says_that_it_is_typed():
    assert (Path(hf.__file__).parent / "py.typed").exists()
