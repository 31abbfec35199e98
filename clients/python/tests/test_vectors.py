"""The vectors of clients/vectors, byte for byte."""

import unittest
from typing import Any

from errand_agent import Key
from errand_agent._token import claims_of, derive

from .stub import VECTORS


class VectorsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.keys = {name: Key.of(jwk) for name, jwk in VECTORS["keys"].items()}
        self.tokens = {"root": VECTORS["token"]["jws"], **{one["holder"]: one["jws"] for one in VECTORS["children"]}}

    def test_thumbprints(self) -> None:
        self.assertEqual(VECTORS["thumbprints"], {name: key.thumbprint for name, key in self.keys.items()})

    def test_token(self) -> None:
        root = VECTORS["token"]
        self.assertEqual(root["jws"], self.keys["issuer"].sign("aat+jwt", claims_of(root["jws"])))

    def test_children(self) -> None:
        self.assertEqual(2, len(VECTORS["children"]))
        for child in VECTORS["children"]:
            with self.subTest(child["holder"]):
                narrowing: Any = child["narrowing"]
                token = derive(
                    self.keys[child["parent"]],
                    self.tokens[child["parent"]],
                    self.keys[child["holder"]].jwk,
                    narrowing,
                    jti=child["jti"],
                    now=VECTORS["now"],
                )
                self.assertEqual(child["jws"], token)

    def test_proofs(self) -> None:
        self.assertEqual(3, len(VECTORS["proofs"]))
        for proof in VECTORS["proofs"]:
            with self.subTest(proof["url"]):
                token = None if proof["token"] is None else self.tokens[proof["token"]]
                made = self.keys[proof["holder"]].proof(
                    proof["method"], proof["url"], token, proof["nonce"], jti=proof["jti"], now=VECTORS["now"]
                )
                self.assertEqual(proof["jws"], made)

    def test_what_is_wider_is_not_written(self) -> None:
        root, key = self.tokens["root"], self.keys["root"]
        wider: list[Any] = [
            {"calls": 101},
            {"children": -1},
            {"max_depth": 3},
            {"lifetime": 0},
            {"allow": ["tickets:ticket.delete"]},
            {"allow": {"tickets:ticket.delete": {}}},
        ]
        for narrowing in wider:
            with self.subTest(narrowing), self.assertRaises(ValueError):
                derive(key, root, key.jwk, narrowing)
        with self.assertRaises(ValueError):
            derive(self.keys["grandchild"], self.tokens["grandchild"], key.jwk, {})

    def test_operations_keep_the_arguments_of_the_parent(self) -> None:
        child = derive(self.keys["root"], self.tokens["root"], self.keys["child"].jwk, {"allow": ["tickets:ticket.comment"]})
        tools = claims_of(child)["authorization_details"][0]["tools"]
        self.assertEqual({"tickets:ticket.comment": {"resource": {"constraint_type": "exact", "value": "17"}}}, tools)

    def test_a_key_of_p256_signs(self) -> None:
        from joserfc import jws
        from joserfc.jwk import ECKey

        key = ECKey.generate_key("P-256")
        proof = Key(key).proof("GET", "https://gateway.example.org/a?b#c")
        told = jws.deserialize_compact(proof, key, algorithms=["ES256"])
        self.assertEqual("https://gateway.example.org/a", claims_of(proof)["htu"])
        self.assertNotIn("d", told.headers()["jwk"])

    def test_no_secret_is_printed(self) -> None:
        self.assertNotIn(VECTORS["keys"]["root"]["d"], repr(self.keys["root"]) + repr(vars(self.keys["root"])))
        for wrong in ({"kty": "OKP", "crv": "X25519", "x": "", "d": ""}, VECTORS["keys"]["root"] | {"d": None}, {}):
            with self.assertRaises(ValueError):
                Key.of({name: value for name, value in wrong.items() if value is not None})
