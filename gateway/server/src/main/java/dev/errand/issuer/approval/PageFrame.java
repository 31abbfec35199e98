package dev.errand.issuer.approval;

import dev.errand.token.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The parts that all pages have: the head, the style, and the name of the signed-in human. Immutable and thread-safe.
 *
 * @param base the address of the pages, without a slash at its end
 * @param dev whether people sign in without a password, as in a first run
 */
record PageFrame(String base, boolean dev) {
    /** The form by which people sign out. No request has this id. */
    public static final String SIGN_OUT = "sign-out";

    private static final String STYLE = style();

    /** The hash of the style, in the form of {@code style-src} (CSP Level 3 section 2.3.1). */
    private static final String STYLE_HASH =
            Base64.getEncoder().encodeToString(Sha256.of(STYLE.getBytes(StandardCharsets.UTF_8)));

    /**
     * The human who looks at a page.
     *
     * @param name the human's name, as people know it
     * @param tokens the token of each of the session's forms, by the form
     */
    public record Reader(String name, UnaryOperator<String> tokens) {}

    /**
     * The content security policy of every page: it loads only its own style, may not be framed, and sends its forms only to
     * the gateway and from there to the provider.
     *
     * @param provider scheme and authority of the provider's page
     */
    public static String policy(String provider) {
        return "default-src 'none'; style-src 'sha256-" + STYLE_HASH + "'; frame-ancestors 'none'; form-action 'self' "
                + provider + "; base-uri 'none'";
    }

    /** Writes a page on which people stay. */
    String page(String title, @Nullable Reader reader, Html body) {
        return page(title, reader, null, body);
    }

    /** @param onward the gateway's address to which the browser goes at once; null if people stay on the page */
    String page(String title, @Nullable Reader reader, @Nullable String onward, Html body) {
        Html html = new Html()
                .raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
                .raw("<meta name=\"color-scheme\" content=\"light dark\">")
                .raw("<meta name=\"robots\" content=\"noindex\">");
        if (onward != null) {
            html.raw("<meta http-equiv=\"refresh\" content=\"0;url=")
                    .text(onward)
                    .raw("\">");
        }
        html.raw("<title>").text(title).raw("</title><style>" + STYLE + "</style></head><body><header>");
        html.raw("<nav><a href=\"").text(base + "/approvals").raw("\">Approvals</a> <a href=\"");
        html.text(base + ErrandsPages.PATH).raw("\">Running</a></nav>");
        if (reader != null) {
            html.raw("<form method=\"post\" action=\"")
                    .text(base + "/approvals/sign-out")
                    .raw("\">");
            html.raw("<span>").text(reader.name()).raw("</span>");
            token(html, reader, SIGN_OUT);
            html.raw("<button class=\"plain\">Sign out</button></form>");
        }
        html.raw("</header><main>");
        if (dev) {
            html.raw(
                    "<p class=\"care\">A first run on this machine, for trials: nobody is asked for a password. Every program of this machine"
                            + " could press the buttons of this page.</p>");
        }
        return html.raw(body.toString()).raw("</main></body></html>\n").toString();
    }

    /** @param form {@link #SIGN_OUT}, or the id of the request on which the form decides */
    static void token(Html html, Reader reader, String form) {
        html.raw("<input type=\"hidden\" name=\"token\" value=\"")
                .text(reader.tokens().apply(form))
                .raw("\">");
    }

    private static String style() {
        try (InputStream in = PageFrame.class.getResourceAsStream("approvals.css")) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks approvals.css");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
