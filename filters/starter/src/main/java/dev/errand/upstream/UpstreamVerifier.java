package dev.errand.upstream;

import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.HolderKey;
import dev.errand.token.KeyUse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Verifies, in an upstream, that the gateway permitted and sent a request: its message signature (RFC 9421), its
 * transaction token and, if the gateway read the body, the content's digest (RFC 9530). One verifier accepts each
 * {@code txn} once; the processes of an upstream do not share this memory. Thread-safe.
 */
public final class UpstreamVerifier {
    private static final long SKEW_SECONDS = 30;
    private static final int MAX_FIELD_CHARACTERS = 16 * 1024;
    private static final int MAX_REMEMBERED = 1_000_000;
    private static final Pattern INPUT =
            Pattern.compile("errand=((\\([^()]*\\));created=(\\d{1,15});expires=(\\d{1,15})"
                    + ";keyid=\"([^\"\\\\]{1,128})\";alg=\"([a-z0-9-]{1,32})\";tag=\"errand\")");
    private static final Pattern SIGNATURE = Pattern.compile("errand=:([A-Za-z0-9+/=]{1,256}):");

    private final JoseSignatureVerifier signatures = new JoseSignatureVerifier();
    private final Map<String, Long> seen = new ConcurrentHashMap<>();
    private final String issuer;
    private final String trustDomain;
    private volatile Map<String, HolderKey> keys;

    /**
     * @param issuer the gateway's identifier
     * @param trustDomain the {@code aud} of its tokens
     * @param jwks the text of the gateway's {@code /.well-known/jwks.json}; throws an {@link IllegalArgumentException}
     *     if it is no key set
     */
    public UpstreamVerifier(String issuer, String trustDomain, String jwks) {
        this.issuer = issuer;
        this.trustDomain = trustDomain;
        this.keys = parse(jwks);
    }

    /**
     * A request as the upstream received it.
     *
     * @param method its method
     * @param scheme {@code http} or {@code https}, which decides the default port
     * @param authority the upstream's own name (and port); take it from configuration and not from {@code Host}
     * @param path the path as sent, not decoded
     * @param query the query as sent, without {@code ?}; null if there is none
     * @param headers the fields, names in lower case
     * @param content the whole body, or null if it was not read: then a request whose digest is signed is refused
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Request(
            String method,
            String scheme,
            String authority,
            String path,
            @Nullable String query,
            Map<String, List<String>> headers,
            byte @Nullable [] content) {}

    /** The outcome of {@link #verify}. */
    public sealed interface Result {
        /**
         * The gateway permitted and sent exactly this request.
         *
         * @param claims the transaction token's claims
         * @param contentCovered whether the body is verified too
         */
        record Verified(JsonObject claims, boolean contentCovered) implements Result {}

        /**
         * The gateway did not permit or send this request, or that cannot be verified.
         *
         * @param reason for the log; contains nothing from the request
         */
        record Refused(String reason) implements Result {}
    }

    private static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;
        private final String reason;

        RefusedException(String reason) {
            super(reason, null, false, false);
            this.reason = reason;
        }
    }

    /** Replaces the key set, for instance after an unknown {@code kid}, when the set was fetched again. */
    public void replaceKeys(String jwks) {
        keys = parse(jwks);
    }

    /** Verifies one request and remembers its {@code txn}. */
    public Result verify(Request request, Instant now) {
        try {
            return check(request, now.getEpochSecond());
        } catch (RefusedException e) {
            return new Result.Refused(e.reason);
        }
    }

    private Result check(Request request, long now) throws RefusedException {
        Matcher input = match(INPUT, single(request, "signature-input"), "signature-input");
        String txnToken = single(request, "txn-token");
        demand(txnToken.chars().allMatch(each -> each < 0x80), "txn-token");
        String components = input.group(2);
        boolean covered = components.equals(RequestSigner.COMPONENTS_WITH_DIGEST);
        demand(covered || components.equals(RequestSigner.COMPONENTS), "components");
        String digest = covered ? single(request, "content-digest") : null;
        demand(covered || !request.headers().containsKey("content-digest"), "content-digest not covered");
        long created = Long.parseLong(input.group(3));
        long expires = Long.parseLong(input.group(4));
        demand(created <= now + SKEW_SECONDS && expires > now, "signature not in time");
        demand(expires - created <= RequestSigner.LIFETIME_SECONDS, "signature lives too long");
        HolderKey key = key(input.group(5), KeyUse.MESSAGE, "keyid");
        String algorithm = algorithm(key);
        demand(RequestSigner.algorithm(algorithm).equals(input.group(6)), "alg");
        byte[] base = base(request, txnToken, digest, input.group(1));
        Matcher signature = match(SIGNATURE, single(request, "signature"), "signature");
        demand(signatures.verify(algorithm, key, base, decode(Base64.getDecoder(), signature.group(1))), "signature");
        if (digest != null) {
            byte[] content = request.content();
            demand(content != null && equal(ContentDigest.sha256(content), digest), "content-digest");
        }
        JsonObject claims = claims(txnToken, now);
        JsonObject context = claims.object("rctx");
        demand(context != null && request.method().equals(context.string("htm")), "htm");
        accept(claims, now);
        return new Result.Verified(claims, covered);
    }

    private static byte[] base(Request request, String txnToken, @Nullable String digest, String parameters)
            throws RefusedException {
        try {
            return RequestSigner.base(
                            request.method(),
                            OutgoingRequest.normalisedAuthority(request.scheme(), request.authority()),
                            request.path().isEmpty() ? "/" : request.path(),
                            request.query() == null ? "?" : "?" + request.query(),
                            txnToken,
                            digest,
                            parameters)
                    .toBytes();
        } catch (IllegalArgumentException lineBreak) {
            throw new RefusedException("line break");
        }
    }

    private JsonObject claims(String token, long now) throws RefusedException {
        String[] parts = token.split("\\.", -1);
        demand(parts.length == 3, "txn-token");
        JsonObject header = object(parts[0]);
        demand(TxnTokens.TYPE.equals(header.string("typ")) && header.get("crit") == null, "txn-token header");
        HolderKey key = key(header.string("kid"), KeyUse.TXN, "txn-token kid");
        String algorithm = algorithm(key);
        demand(algorithm.equals(header.string("alg")), "txn-token alg");
        byte[] input = token.substring(0, token.lastIndexOf('.')).getBytes(StandardCharsets.US_ASCII);
        demand(
                signatures.verify(algorithm, key, input, decode(Base64.getUrlDecoder(), parts[2])),
                "txn-token signature");
        JsonObject claims = object(parts[1]);
        demand(issuer.equals(claims.string("iss")), "iss");
        demand(trustDomain.equals(claims.string("aud")), "aud");
        demand(TxnTokens.requestingWorkload(trustDomain).equals(claims.string("req_wl")), "req_wl");
        long issuedAt = seconds(claims, "iat");
        long expiry = seconds(claims, "exp");
        demand(issuedAt <= now + SKEW_SECONDS && expiry > now, "txn-token not in time");
        demand(expiry - issuedAt <= TxnTokens.LIFETIME_SECONDS, "txn-token lives too long");
        JsonObject context = claims.object("tctx");
        demand(
                context == null || context.get("approval") == null || isApproval(context.object("approval")),
                "approval");
        return claims;
    }

    /** Whether the claim names humans who approved exactly this call, and the digest of what they saw. */
    private static boolean isApproval(@Nullable JsonObject approval) {
        return approval != null
                && approval.string("id") != null
                && String.valueOf(approval.string("digest")).startsWith("sha-256:")
                && approval.get("by") instanceof JsonArray by
                && !by.values().isEmpty()
                && by.values().stream()
                        .allMatch(each -> each instanceof JsonObject human
                                && human.string("iss") != null
                                && human.string("sub") != null);
    }

    private void accept(JsonObject claims, long now) throws RefusedException {
        String txn = claims.string("txn");
        if (txn == null || txn.isEmpty() || txn.length() > 128) {
            throw new RefusedException("txn");
        }
        if (seen.size() >= MAX_REMEMBERED) {
            seen.values().removeIf(expiry -> expiry <= now);
            demand(seen.size() < MAX_REMEMBERED, "too many requests to remember");
        }
        demand(seen.putIfAbsent(txn, seconds(claims, "exp")) == null, "txn seen before");
    }

    private static Map<String, HolderKey> parse(String jwks) {
        Map<String, HolderKey> parsed = new HashMap<>();
        List<JsonValue> values = new ArrayList<>();
        try {
            if (Json.parse(jwks) instanceof JsonObject set && set.get("keys") instanceof JsonArray array) {
                values.addAll(array.values());
            }
        } catch (MalformedJsonException e) {
            throw new IllegalArgumentException("not a JWK set", e);
        }
        JoseSignatureVerifier parser = new JoseSignatureVerifier();
        for (JsonValue value : values) {
            String kid = value instanceof JsonObject jwk ? jwk.string("kid") : null;
            if (kid != null) {
                parser.parsePublicKey((JsonObject) value).ifPresent(key -> parsed.put(kid, key));
            }
        }
        if (parsed.isEmpty()) {
            throw new IllegalArgumentException("no key with a kid in the JWK set");
        }
        return Map.copyOf(parsed);
    }

    private HolderKey key(@Nullable String id, KeyUse use, String name) throws RefusedException {
        HolderKey key = id == null ? null : keys.get(id);
        if (key == null) {
            throw new RefusedException("unknown " + name);
        }
        demand(use.permits(key.jwk()), name + " of another use");
        return key;
    }

    private static String algorithm(HolderKey key) {
        return "OKP".equals(key.jwk().string("kty")) ? "Ed25519" : "ES256";
    }

    private static String single(Request request, String name) throws RefusedException {
        List<String> values = request.headers().getOrDefault(name, List.of());
        demand(values.size() == 1 && values.get(0).length() <= MAX_FIELD_CHARACTERS, name);
        return values.get(0).strip();
    }

    private static Matcher match(Pattern pattern, String text, String reason) throws RefusedException {
        Matcher matcher = pattern.matcher(text);
        demand(matcher.matches(), reason);
        return matcher;
    }

    private static JsonObject object(String base64) throws RefusedException {
        try {
            return Json.parseObject(decode(Base64.getUrlDecoder(), base64));
        } catch (MalformedJsonException e) {
            throw new RefusedException("txn-token");
        }
    }

    private static byte[] decode(Base64.Decoder decoder, String text) throws RefusedException {
        try {
            return decoder.decode(text);
        } catch (IllegalArgumentException e) {
            throw new RefusedException("base64");
        }
    }

    private static long seconds(JsonObject claims, String name) throws RefusedException {
        if (claims.get(name) instanceof JsonNumber number && number.isLong()) {
            return number.asLong();
        }
        throw new RefusedException(name);
    }

    private static boolean equal(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    private static void demand(boolean held, String reason) throws RefusedException {
        if (!held) {
            throw new RefusedException(reason);
        }
    }
}
