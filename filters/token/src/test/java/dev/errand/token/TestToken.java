package dev.errand.token;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A token that is valid by default and broken in one place per test. Members are JSON texts, so that duplicates and odd
 * numbers can be written. Each change yields another token.
 */
public record TestToken(
        TestHolder signer, TestHolder holder, Map<String, String> header, Map<String, String> claims, String extra) {
    public static TestToken of(TestHolder signer, TestHolder holder, String type, Map<String, String> claims) {
        Map<String, String> header = new LinkedHashMap<>();
        header.put("alg", text(signer.algorithm()));
        header.put("typ", text(type));
        return new TestToken(signer, holder, header, claims, "");
    }

    public static String text(String value) {
        return "\"" + value + "\"";
    }

    /** With a claim of this JSON text; null removes it. */
    public TestToken with(String claim, @Nullable String json) {
        return new TestToken(signer, holder, header, put(claims, claim, json), extra);
    }

    public TestToken withText(String claim, String value) {
        return with(claim, text(value));
    }

    public TestToken without(String claim) {
        return with(claim, null);
    }

    public TestToken withHeader(String name, @Nullable String json) {
        return new TestToken(signer, holder, put(header, name, json), claims, extra);
    }

    public TestToken signedBy(TestHolder other) {
        return new TestToken(other, holder, put(header, "alg", text(other.algorithm())), claims, extra);
    }

    /** With text such as {@code ,"jti":"again"} before the payload's last brace. */
    public TestToken withExtra(String text) {
        return new TestToken(signer, holder, header, claims, text);
    }

    public TestToken withTools(String tools) {
        return with("authorization_details", "[" + TestChains.capability(tools) + "]");
    }

    public String compact() {
        return signer.jws(json(header, ""), json(claims, extra));
    }

    /** The hash that a child's {@code par_hash} must be. */
    public String hash() {
        String compact = compact();
        return TokenId.ofSigningInput(
                        compact.substring(0, compact.lastIndexOf('.')).getBytes(StandardCharsets.US_ASCII))
                .hash();
    }

    private static Map<String, String> put(Map<String, String> map, String name, @Nullable String json) {
        Map<String, String> copy = new LinkedHashMap<>(map);
        if (json == null) {
            copy.remove(name);
        } else {
            copy.put(name, json);
        }
        return copy;
    }

    private static String json(Map<String, String> members, String extra) {
        return members.entrySet().stream()
                .map(member -> text(member.getKey()) + ":" + member.getValue())
                .collect(Collectors.joining(",", "{", extra + "}"));
    }
}
