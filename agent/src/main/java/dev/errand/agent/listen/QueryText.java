package dev.errand.agent.listen;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A query string and its percent-encoding, as Signature Version 4 reads them. Netty's decoder reads a plus as a space,
 * and the signature does not.
 */
final class QueryText {
    private static final String UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    private static final String PREFIX = "x-amz-";

    private QueryText() {}

    /** One key and its value, both decoded. */
    record Pair(String key, String value) {}

    /** The pairs of a target's query, in their order. */
    static List<Pair> pairs(String target) {
        List<Pair> pairs = new ArrayList<>();
        int at = target.indexOf('?');
        if (at < 0) {
            return pairs;
        }
        for (String part : target.substring(at + 1).split("&")) {
            if (!part.isEmpty()) {
                int equals = part.indexOf('=');
                String key = equals < 0 ? part : part.substring(0, equals);
                pairs.add(new Pair(decoded(key), equals < 0 ? "" : decoded(part.substring(equals + 1))));
            }
        }
        return pairs;
    }

    /** The target without the keys of its query that belong to the signature. */
    static String withoutSignature(String target) {
        int at = target.indexOf('?');
        if (at < 0) {
            return target;
        }
        String rest = List.of(target.substring(at + 1).split("&")).stream()
                .filter(part -> !decoded(part).toLowerCase(Locale.ROOT).startsWith(PREFIX))
                .collect(Collectors.joining("&"));
        return target.substring(0, at) + (rest.isEmpty() ? "" : "?" + rest);
    }

    /** Percent-decodes a text. A {@code %} without two hexadecimal digits stays. */
    static String decoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] in = text.getBytes(StandardCharsets.ISO_8859_1);
        byte[] out = new byte[in.length];
        int length = 0;
        for (int i = 0; i < in.length; i++) {
            int high = in[i] == '%' && i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
            int low = high < 0 ? -1 : Character.digit(in[i + 2], 16);
            if (low >= 0) {
                out[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                out[length++] = in[i];
            }
        }
        return new String(out, 0, length, StandardCharsets.UTF_8);
    }

    /** The text percent-encoded, except unreserved characters (RFC 3986) and those of {@code also}. */
    static String encoded(String text, String also) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (UNRESERVED.indexOf(c) >= 0 || also.indexOf(c) >= 0) {
                out.append(c);
            } else {
                out.append('%');
                out.append(Character.toUpperCase(Character.forDigit(b >> 4 & 0xf, 16)));
                out.append(Character.toUpperCase(Character.forDigit(b & 0xf, 16)));
            }
        }
        return out.toString();
    }
}
