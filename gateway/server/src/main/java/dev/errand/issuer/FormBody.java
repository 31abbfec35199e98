package dev.errand.issuer;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of an {@code application/x-www-form-urlencoded} body. A parameter without a value counts as left out
 * (RFC 6749 section 3.2). Netty's decoder accepts repeated parameters and bytes that are not UTF-8. This class refuses both. Immutable.
 */
public final class FormBody {
    /** The longest body read, in bytes. */
    public static final int MAX_BYTES = 64 * 1024;

    /** A form without parameters. */
    public static final FormBody NONE = new FormBody(Map.of());

    private static final int MAX_PARAMETERS = 64;
    private static final Set<String> REPEATABLE = Set.of("resource", "audience");

    private final Map<String, List<String>> parameters;

    private FormBody(Map<String, List<String>> parameters) {
        this.parameters = parameters;
    }

    /**
     * Parses a body. The result is empty if the body is not UTF-8 form data, has too many parameters, or repeats a parameter. Only
     * {@code resource} and {@code audience} may repeat (RFC 8693 section 2.1).
     */
    public static Optional<FormBody> parse(byte[] body) {
        if (body.length > MAX_BYTES) {
            return Optional.empty();
        }
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        String text = new String(body, StandardCharsets.ISO_8859_1);
        if (text.isEmpty()) {
            return Optional.of(new FormBody(parameters));
        }
        String[] pairs = text.split("&", MAX_PARAMETERS + 1);
        if (pairs.length > MAX_PARAMETERS) {
            return Optional.empty();
        }
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            Optional<String> name = decode(equals < 0 ? pair : pair.substring(0, equals));
            Optional<String> value = decode(equals < 0 ? "" : pair.substring(equals + 1));
            if (name.isEmpty() || value.isEmpty()) {
                return Optional.empty();
            }
            List<String> values = parameters.computeIfAbsent(name.get(), any -> new ArrayList<>());
            if (!values.isEmpty() && !REPEATABLE.contains(name.get())) {
                return Optional.empty();
            }
            values.add(value.get());
        }
        return Optional.of(new FormBody(parameters));
    }

    /** The names of the parameters, including those without a value. */
    public Set<String> names() {
        return parameters.keySet();
    }

    /** The value of a parameter, or null where it is absent or empty. */
    public @Nullable String get(String name) {
        List<String> values = all(name);
        return values.isEmpty() ? null : values.get(0);
    }

    /** The non-empty values of a parameter. */
    public List<String> all(String name) {
        return parameters.getOrDefault(name, List.of()).stream()
                .filter(value -> !value.isEmpty())
                .toList();
    }

    private static Optional<String> decode(String encoded) {
        byte[] bytes = new byte[encoded.length()];
        int length = 0;
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c == '%') {
                int high = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 1), 16) : -1;
                int low = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    return Optional.empty();
                }
                bytes[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                bytes[length++] = (byte) (c == '+' ? ' ' : c);
            }
        }
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString());
        } catch (CharacterCodingException notUtf8) {
            return Optional.empty();
        }
    }
}
