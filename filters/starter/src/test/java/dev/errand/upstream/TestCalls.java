package dev.errand.upstream;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.task.ApprovedUse;
import dev.errand.token.Holder;
import dev.errand.token.Holders;
import dev.errand.token.Human;
import dev.errand.token.Instruction;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.RootFacts;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Calls that are valid as they stand. */
final class TestCalls {
    static final String ISSUER = "https://gateway.example.org";
    static final String TRUST_DOMAIN = "example.org";

    private TestCalls() {}

    static TxnClaims claims(String method, String... operations) {
        return new TxnClaims(
                "d-1",
                "t-1",
                new RootFacts(
                        ISSUER,
                        new Human("https://idp.example.org", "user:7f3c"),
                        "spiffe://example.org/agent/release-bot",
                        new RootFacts.TaskFacts("t-1", "release", "sha-256:x", Map.of()),
                        null,
                        JsonObject.EMPTY,
                        null,
                        null),
                Holders.of(List.of(
                        new Holder(new KeyThumbprint("A".repeat(43)), "spiffe://example.org/agent/release-bot", true),
                        new Holder(new KeyThumbprint("B".repeat(43)), null, false))),
                "sha-256:chain",
                List.of(operations).stream()
                        .map(id -> new OperationCall(
                                new Operation(id, Effect.READ, false, false),
                                "secret/\"" + id,
                                JsonObject.EMPTY,
                                false))
                        .toList(),
                "sha-256:args",
                "vault",
                method,
                new Instruction(
                        Instruction.Source.DOCUMENT, "https://tracker/\u202e1", null, Instruction.Integrity.UNTRUSTED),
                null,
                null);
    }

    /** The same, of a call that passes by an approval. */
    static TxnClaims approved(TxnClaims claims, @Nullable ApprovedUse approval) {
        return new TxnClaims(
                claims.decision(),
                claims.task(),
                claims.root(),
                claims.chain(),
                claims.chainHash(),
                claims.calls(),
                claims.argsHash(),
                claims.route(),
                claims.method(),
                claims.instruction(),
                approval,
                claims.plan());
    }
}
