"""The checks of the rooms refuse what they should: each is run on a tree with one planted fault."""

import shutil
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import check_clocks  # noqa: E402
import check_includes  # noqa: E402


class PlantedTree(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        (self.root / "cmake").mkdir()
        shutil.copy(ROOT / "cmake/rooms.cmake", self.root / "cmake")

    def plant(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def assert_refused(self, problems: list[str], *words: str) -> None:
        self.assertEqual(len(problems), 1, problems)
        for word in words:
            self.assertIn(word, problems[0])

    def test_the_table_is_read(self) -> None:
        rooms = check_includes.read_rooms(self.root)
        self.assertEqual(rooms["base"], {"base"})
        self.assertEqual(rooms["serving"], {"serving", "base", "data", "models"})
        self.assertNotIn("policy", rooms["workspace"])
        self.assertLessEqual(rooms["workspace"] | {"policy"}, rooms["loop"])

    def test_an_allowed_include(self) -> None:
        self.plant("src/stats/a.cpp", '#include "a.hpp"\n#include <holdfast/base/error.hpp>\n#include <vector>\n')
        self.plant("src/stats/a.hpp", "#include <holdfast/export.hpp>\n")
        self.assertEqual(check_includes.check(self.root), [])

    def test_a_wrong_include(self) -> None:
        self.plant("src/base/a.cpp", "#include <string>\n#include <holdfast/stats/types.hpp>\n")
        self.assert_refused(check_includes.check(self.root), "src/base/a.cpp:2", "base may not include stats")

    def test_a_wrong_include_in_a_public_header(self) -> None:
        self.plant("include/holdfast/policy/a.hpp", '  #  include "holdfast/monitor/drift.hpp"\n')
        self.assert_refused(check_includes.check(self.root), "policy/a.hpp:1", "policy may not include monitor")

    def test_a_wrong_include_in_a_unit_test(self) -> None:
        self.plant("tests/unit/models/a_test.cpp", "#include <holdfast/package/manifest.hpp>\n")
        self.assert_refused(check_includes.check(self.root), "models may not include package")

    def test_anothers_private_header(self) -> None:
        self.plant("src/base/secret.hpp", "")
        for quoted in ("../base/secret.hpp", "base/secret.hpp"):
            self.plant("src/data/a.cpp", f'#include "{quoted}"\n')
            self.assert_refused(check_includes.check(self.root), "private to base")

    def test_what_belongs_to_no_room(self) -> None:
        self.plant("src/cellar/a.cpp", "")
        self.assert_refused(check_includes.check(self.root), "no room cellar")
        shutil.rmtree(self.root / "src/cellar")
        self.plant("src/data/a.cpp", "#include <holdfast/holdfast.hpp>\n")
        self.assert_refused(check_includes.check(self.root), "no room")

    def test_a_clock_outside_base(self) -> None:
        for path, text, seen in (
            ("src/loop/a.cpp", "\nauto t = std::chrono::system_clock::now();\n", "a.cpp:2: chrono::system_clock"),
            ("src/loop/a.cpp", "auto t = steady_clock::now();\n", "steady_clock::"),
            ("include/holdfast/loop/a.hpp", "void f() { std::this_thread::sleep_for(1s); }\n", "sleep_for"),
            ("bindings/core/a.cpp", "void f() { sleep_until(t); }\n", "sleep_until"),
            ("python/holdfast/_a.py", "import time\n\ntime.sleep(1)\n", "_a.py:3: time.sleep"),
            ("python/holdfast/_a.py", "x = time.time()\n", "time.time"),
            ("python/holdfast/_a.py", "x = datetime.now(UTC)\n", "datetime.now"),
        ):
            with self.subTest(seen=seen):
                self.plant(path, text)
                self.assert_refused(check_clocks.check(self.root), seen)
                (self.root / path).unlink()

    def test_clocks_that_are_allowed(self) -> None:
        self.plant("src/base/clock.cpp", "auto t = std::chrono::system_clock::now();\n")
        self.plant("src/loop/a.cpp", '// not system_clock::now()\nauto c = system_clock(); auto s = "sleep_for";\n')
        self.plant("python/holdfast/_a.py", '"""Never datetime.now()."""\nx = 1  # time.sleep\n')
        self.assertEqual(check_clocks.check(self.root), [])


if __name__ == "__main__":
    unittest.main()
