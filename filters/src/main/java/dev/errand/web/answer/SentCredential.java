package dev.errand.web.answer;

import dev.errand.upstream.credential.UpstreamCredential;
import dev.errand.web.call.Call;
import dev.errand.web.request.HopHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * The credential that the gateway sent upstream with one call. It is searched for in the answer, which would hand it to the
 * agent. The search looks for it as sent, without its scheme, and as JSON may escape it. Immutable and thread-safe.
 */
final class SentCredential {
    /** The longest answer that is searched. */
    static final int MAX_BYTES = 256 * 1024;

    /** Why answers are withheld, for the log. */
    static final String HELD = "the answer holds the credential that the gateway sent";

    static final String TOO_LONG =
            "an answer of more than " + MAX_BYTES + " bytes, which could hold the credential that the gateway sent";

    private static final String ENCODED = "an encoded answer, which could hold the credential that the gateway sent";

    private final List<String> secrets;

    private SentCredential(List<String> secrets) {
        this.secrets = List.copyOf(secrets);
    }

    /** What the gateway sent with the call; null where its answer is not searched. */
    static @Nullable SentCredential of(@Nullable Call call) {
        Call.Granted granted = call == null ? null : call.granted();
        if (granted == null || !granted.searched() || !(call instanceof Call.Forwarded sent)) {
            return null;
        }
        UpstreamCredential credential = sent.credential();
        List<String> secrets = new ArrayList<>();
        for (String name : credential == null ? Set.<String>of() : credential.secretNames()) {
            String value =
                    sent.headers().getOrDefault(HopHeaders.canonical(name), "").strip();
            if (!value.isEmpty()) {
                secrets.add(value.substring(value.indexOf(' ') + 1).strip());
            }
        }
        return new SentCredential(secrets);
    }

    /** Why an answer with this head must not pass on, for the log; null if its body decides. */
    @Nullable String refuses(HttpHeaders head) {
        for (String coding : head.getOrEmpty(HttpHeaders.CONTENT_ENCODING)) {
            if (!coding.isBlank() && !coding.strip().toLowerCase(Locale.ROOT).equals("identity")) {
                return ENCODED;
            }
        }
        boolean held = head.headerSet().stream()
                .anyMatch(field ->
                        isIn(field.getKey()) || field.getValue().stream().anyMatch(this::isIn));
        return held ? HELD : head.getContentLength() > MAX_BYTES ? TOO_LONG : null;
    }

    /** Whether the body of an answer holds it. */
    boolean isIn(byte[] body) {
        String text = new String(body, StandardCharsets.ISO_8859_1);
        return isIn(text) || (text.indexOf('\\') >= 0 && isIn(unescaped(text)));
    }

    private boolean isIn(String text) {
        for (String secret : secrets) {
            if (text.contains(secret)) {
                return true;
            }
        }
        return false;
    }

    /** The text without those escapes of JSON (RFC 8259 section 7) with which a credential can be written. */
    private static String unescaped(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                plain.append(c);
                continue;
            }
            char next = text.charAt(++i);
            int code = next == 'u' && i + 4 < text.length() ? hex(text, i + 1) : -1;
            if (code >= 0) {
                plain.append((char) code);
                i += 4;
            } else {
                plain.append(next);
            }
        }
        return plain.toString();
    }

    private static int hex(String text, int from) {
        int code = 0;
        for (int i = from; i < from + 4; i++) {
            int digit = Character.digit(text.charAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            code = code * 16 + digit;
        }
        return code;
    }

    @Override
    public String toString() {
        return "***";
    }
}
