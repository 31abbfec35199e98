"""What is packed has the licence of the repository."""

import unittest
from pathlib import Path

CLIENTS = Path(__file__).parents[2]


class LicenseTest(unittest.TestCase):
    def test_the_packages_have_the_licence_of_the_repository(self) -> None:
        ours = (CLIENTS.parent / "LICENSE").read_bytes()
        for package in ("python", "node"):
            self.assertEqual(ours, (CLIENTS / package / "LICENSE").read_bytes(), package)
