package dev.errand.demo;

import dev.errand.holder.AgentException;
import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.proof.Checkpoint;
import dev.errand.log.proof.LogVerifier;
import dev.errand.log.proof.SignedNote;
import dev.errand.log.proof.TreeHasher;
import dev.errand.log.read.Prover;
import dev.errand.token.CompactJws;
import dev.errand.token.HolderKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The auditor's side: finds and checks the evidence of one call in the log's files and in what the upstream got. */
record Evidence(DemoDirectory directory, Upstreams upstreams, HttpClient http) {
    private static final Duration NEXT_CHECKPOINT = Duration.ofSeconds(5);
    private static final String GATEWAY_KEYS = "gateway.jwks";

    /** Shows and checks the provenance of the one patch. */
    void show(Transcript transcript, String issuer) throws IOException {
        List<String> received = upstreams.transactionsOfPatches();
        transcript.expect(received.size() == 1, "the apiserver should have had one patch, had " + received.size());
        if (received.isEmpty()) {
            return;
        }
        String keys = keys(issuer);
        directory.write(GATEWAY_KEYS, keys);
        CompactJws transaction = CompactJws.parse(received.get(0))
                .orElseThrow(() -> new AgentException("the apiserver got no transaction token"));
        JsonObject claims = object(transaction.payload().orElse(new byte[0]));
        String decision = String.valueOf(claims.string("txn"));

        Path log = directory.resolve("data/provenance");
        Prover.Proof proof = Prover.prove(log, decision, NEXT_CHECKPOINT);
        JsonObject record = object(proof.record().getBytes(StandardCharsets.UTF_8));
        facts(transcript, record);

        boolean signed = signedBy(object(keys.getBytes(StandardCharsets.UTF_8)), transaction);
        transcript.fact(
                "upstream",
                "got decision " + decision + " in a token that the gateway signed: "
                        + verified(transcript, signed, "the upstream's transaction token does not verify"));
        Checkpoint checkpoint = SignedNote.parse(proof.checkpoint().getBytes(StandardCharsets.UTF_8))
                .flatMap(Checkpoint::parse)
                .orElseThrow(() -> new AgentException("the checkpoint is malformed"));
        boolean included = proof.inclusion()
                .verify(new TreeHasher().leaf(proof.record().getBytes(StandardCharsets.UTF_8)), checkpoint.rootHash());
        transcript.fact(
                "Merkle proof",
                "record " + proof.inclusion().index() + " of " + checkpoint.size() + ", "
                        + proof.inclusion().path().size() + " hashes lead to the root " + checkpoint.root() + ": "
                        + verified(transcript, included, "the Merkle proof does not verify"));
        LogVerifier.Report report = LogVerifier.verify(log, directory.resolve(GATEWAY_KEYS), null);
        transcript.fact(
                "checkpoint",
                "of " + report.origin() + ", signed by the gateway: "
                        + verified(transcript, report.signed(), "the checkpoint's signature does not verify"));
        transcript.fact(
                "whole log",
                report.records() + " records, " + report.covered() + " under the checkpoint: "
                        + verified(transcript, report.faults().isEmpty(), "the log is at fault: " + report.faults()));
        if (LookUps.asked()) {
            int status =
                    new LookUps(directory.resolve("")).rehearse(log, decision, String.valueOf(record.string("task")));
            transcript.expect(status == 0, "a command that looks the call up ended with status " + status);
        }
    }

    private static void facts(Transcript transcript, JsonObject record) {
        JsonObject human = member(record, "human");
        transcript.fact("human", human.string("sub") + " of " + human.string("iss"));
        if (record.get("agents") instanceof JsonArray agents) {
            String arrow = "";
            for (JsonValue value : agents.values()) {
                JsonObject agent = value instanceof JsonObject object ? object : JsonObject.EMPTY;
                boolean attested = agent.get("attested") instanceof JsonValue.JsonBoolean flag && flag.value();
                transcript.fact(
                        arrow.isEmpty() ? "chain" : "",
                        arrow + agent.string("sub") + " with key " + agent.string("jkt")
                                + (attested ? ", attested" : ", by its parent's word"));
                arrow = "-> ";
            }
            transcript.expect(agents.values().size() == 2, "the chain should have two holders");
        }
        JsonObject instruction = member(record, "instruction");
        transcript.fact(
                "instruction",
                instruction.string("source") + ", " + instruction.string("ref") + ", "
                        + instruction.string("integrity"));
        transcript.fact("", String.valueOf(instruction.string("digest")));
        transcript.fact("call", record.string("operation") + " on staging/payments: " + record.string("outcome"));
        transcript.expect(
                "k8s:apps/deployments.patch".equals(record.string("operation"))
                        && "permit".equals(record.string("outcome"))
                        && "user:alice".equals(human.string("sub")),
                "the record should be of Alice's permitted patch");
    }

    private String keys(String issuer) throws IOException {
        try {
            return http.send(
                            HttpRequest.newBuilder(URI.create(issuer + "/.well-known/jwks.json"))
                                    .timeout(NEXT_CHECKPOINT)
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AgentException("interrupted");
        }
    }

    private static boolean signedBy(JsonObject keys, CompactJws token) {
        JoseSignatureVerifier verifier = new JoseSignatureVerifier();
        if (!(keys.get("keys") instanceof JsonArray set)) {
            return false;
        }
        for (JsonValue value : set.values()) {
            JsonObject jwk = value instanceof JsonObject object ? object : JsonObject.EMPTY;
            Optional<HolderKey> key = verifier.parsePublicKey(jwk);
            if (key.isPresent()
                    && verifier.verify(
                            token.algorithm(),
                            key.get(),
                            token.signingInput(),
                            token.signature().orElse(new byte[0]))) {
                return true;
            }
        }
        return false;
    }

    private static String verified(Transcript transcript, boolean good, String otherwise) {
        transcript.expect(good, otherwise);
        return good ? "verified" : "NOT VERIFIED";
    }

    private static JsonObject member(JsonObject json, String name) {
        JsonObject member = json.object(name);
        return member == null ? JsonObject.EMPTY : member;
    }

    private static JsonObject object(byte[] json) {
        try {
            return Json.parseObject(json);
        } catch (MalformedJsonException e) {
            throw new AgentException("not JSON: " + e.getMessage());
        }
    }
}
