package dev.errand.it;

import java.util.List;

/** What a caller presents, by shape: headers missing, of another scheme, or sent twice. */
final class ShapeCases {
    private ShapeCases() {}

    static List<Case> all(Scene scene) {
        TestAgent root = scene.root();
        return new Cases(scene)
                .refused(
                        401,
                        "authentication-required",
                        "nothing at all",
                        () -> Attempt.by(root, null).without("Authorization"))
                .refused(
                        401,
                        "authentication-required",
                        "the leaf as a Bearer token",
                        () -> Attempt.by(root).with("Authorization", "Bearer " + root.token()))
                .refused(
                        401,
                        "authentication-required",
                        "a bare JWT-SVID",
                        () -> Attempt.by(root, null).with("Authorization", "Bearer " + scene.svid()))
                .refused(
                        401,
                        "authentication-required",
                        "the human's own token",
                        () -> Attempt.by(root, null)
                                .with("Authorization", "Bearer " + scene.human().token()))
                .refused(
                        401,
                        "authentication-required",
                        "Basic",
                        () -> Attempt.by(root).with("Authorization", "Basic dXNlcjpwYXNz"))
                .refused(
                        401,
                        "authentication-required",
                        "a scheme glued to its token",
                        () -> Attempt.by(root).with("Authorization", "DPoP" + root.token()))
                .refused(
                        400,
                        "malformed-request",
                        "Authorization twice",
                        () -> Attempt.by(root).plus("Authorization: DPoP " + root.token()))
                .refused(
                        400,
                        "malformed-request",
                        "a Bearer beside the leaf",
                        () -> Attempt.by(root).plus("Authorization: Bearer x"))
                .refused(
                        400,
                        "malformed-request",
                        "DPoP twice",
                        () -> Attempt.by(root).plus("DPoP: " + root.dpop("GET", TestAgent.READ)))
                .refused(
                        400,
                        "malformed-request",
                        "AAT-PoP twice",
                        () -> Attempt.aat(root, claims -> claims).plus("AAT-PoP: x"))
                .refused(
                        400,
                        "malformed-request",
                        "Delegation-Chain twice",
                        () -> Attempt.by(scene.child()).plus("Delegation-Chain: " + root.token()))
                .refused(
                        400,
                        "malformed-request",
                        "Workload-SVID twice",
                        () -> Attempt.by(root)
                                .plus("Workload-SVID: " + scene.svid())
                                .plus("Workload-SVID: " + scene.svid()))
                .proof("7a", "no proof", () -> Attempt.by(root, null))
                .proof(
                        "7a",
                        "AAT without a proof or certificate",
                        () -> Attempt.by(root, null).with("Authorization", "AAT " + root.token()))
                .proof(
                        "7a",
                        "AAT with a DPoP proof",
                        () -> Attempt.by(root).with("Authorization", "AAT " + root.token()))
                .proof(
                        "7a",
                        "DPoP with an AAT proof",
                        () -> Attempt.aat(root, claims -> claims).with("Authorization", "DPoP " + root.token()))
                .token("3a", "no token", () -> Attempt.by(root).with("Authorization", "DPoP"))
                .token("3a", "not a token", () -> Attempt.by(root).with("Authorization", "DPoP abc"))
                .token(
                        "3a",
                        "two tokens",
                        () -> Attempt.by(root).with("Authorization", "DPoP " + root.token() + " " + root.token()))
                .token(
                        "3a",
                        "a token of four parts",
                        () -> Attempt.by(root).with("Authorization", "DPoP " + root.token() + ".x"))
                .token(
                        "3a",
                        "a token of two parts",
                        () -> Attempt.by(root).with("Authorization", "DPoP " + Jws.signingInput(root.token())))
                .token(
                        "3a",
                        "an SVID as the leaf",
                        () -> Attempt.by(root).with("Authorization", "DPoP " + scene.svid()))
                .token(
                        "3a",
                        "the human's token as the leaf",
                        () -> Attempt.by(root)
                                .with("Authorization", "DPoP " + scene.human().token()))
                .token(
                        "3a",
                        "a proof as the leaf",
                        () -> Attempt.by(root).with("Authorization", "DPoP " + root.dpop("GET", TestAgent.READ)))
                .all();
    }
}
