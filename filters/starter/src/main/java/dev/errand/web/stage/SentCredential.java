package dev.errand.web.stage;

import dev.errand.credential.UpstreamCredential;
import dev.errand.upstream.Echo;
import dev.errand.web.Call;
import dev.errand.web.HopHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * The credential that the gateway sent upstream with one call. It is searched for in the answer, which would hand it to the
 * agent: without its scheme, as sent and as JSON may escape it. Answers of a credential path are searched whole, and withheld
 * if they cannot be. Immutable and thread-safe.
 */
record SentCredential(List<String> secrets, boolean onItsPath, boolean inBodies) {
    /** The longest body that is searched if its status is below 400. */
    static final int MAX_BYTES = 256 * 1024;

    /** Why answers are withheld, for the log. */
    static final String HELD = "the answer holds the credential that the gateway sent";

    static final String TOO_LONG =
            "an answer of more than " + MAX_BYTES + " bytes, which could hold the credential that the gateway sent";

    private static final String ENCODED = "an encoded answer, which could hold the credential that the gateway sent";

    private static final int ERRORS = 400;

    /** A shorter credential is searched for on credential paths only: other answers could hold it by chance. */
    private static final int LEAST_BYTES = 16;

    /** What no writer of JSON escapes. */
    private static final Pattern UNESCAPED = Pattern.compile("[A-Za-z0-9._~-]*");

    SentCredential {
        secrets = List.copyOf(secrets);
    }

    /** What the gateway sent with the call; null where its answer is not searched. */
    static @Nullable SentCredential of(@Nullable Call call) {
        if (!(call instanceof Call.Forwarded sent)) {
            return null;
        }
        boolean onItsPath = sent.granted().searched();
        UpstreamCredential credential = sent.credential();
        if (!onItsPath && (credential == null || sent.echo() == Echo.OFF)) {
            return null;
        }
        List<String> secrets = new ArrayList<>(1);
        if (credential != null) {
            for (String name : credential.secretNames()) {
                String value = sent.headers().get(HopHeaders.canonical(name));
                if (value != null) {
                    secrets.addAll(credential.secrets(value.strip()));
                }
            }
        }
        secrets.removeIf(secret -> secret.length() < (onItsPath ? 1 : LEAST_BYTES));
        return secrets.isEmpty() && !onItsPath
                ? null
                : new SentCredential(secrets, onItsPath, sent.echo() == Echo.SEARCH);
    }

    /** Whether the call went to a credential path: its whole answer is searched before any of it passes on. */
    boolean isOnItsPath() {
        return onItsPath;
    }

    /** Why an answer of a credential path with this head must not pass on, for the log; null if its body decides. */
    static @Nullable String refuses(HttpHeaders head) {
        return isEncoded(head) ? ENCODED : head.getContentLength() > MAX_BYTES ? TOO_LONG : null;
    }

    private static boolean isEncoded(HttpHeaders head) {
        for (String coding : head.getOrEmpty(HttpHeaders.CONTENT_ENCODING)) {
            if (!coding.isBlank() && !coding.strip().toLowerCase(Locale.ROOT).equals("identity")) {
                return true;
            }
        }
        return false;
    }

    /** Whether the name or value of a header holds it. */
    boolean isIn(String text) {
        for (String secret : secrets) {
            if (text.length() >= secret.length() && text.contains(secret)) {
                return true;
            }
        }
        return false;
    }

    /** The search of a body on a credential path. */
    CredentialSearch search() {
        return new CredentialSearch(secrets, true, MAX_BYTES);
    }

    /** The search of the body of any other answer with this head; null if the body is not searched. */
    @Nullable CredentialSearch search(int status, HttpHeaders head) {
        long length = head.getContentLength();
        boolean error = status >= ERRORS;
        if (!inBodies || (!error && length > MAX_BYTES) || isShort(length) || isEncoded(head)) {
            return null;
        }
        boolean escapable =
                !secrets.stream().allMatch(secret -> UNESCAPED.matcher(secret).matches());
        return new CredentialSearch(secrets, escapable, error ? Long.MAX_VALUE : MAX_BYTES);
    }

    /** Whether a body of this length is too short for any of the secrets. */
    private boolean isShort(long length) {
        return length >= 0 && secrets.stream().allMatch(secret -> secret.length() > length);
    }

    @Override
    public String toString() {
        return "***";
    }
}
