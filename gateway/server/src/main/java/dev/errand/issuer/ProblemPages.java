package dev.errand.issuer;

import dev.errand.denial.DenyReason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The page behind the {@code type} of each problem (RFC 9457 section 3.1.1): what the code means, what the agent should do,
 * and what the operator should look at. The text is that of {@code docs/problems.md}, which is in the jar with this class: one
 * paragraph below the heading of each code. Thread-safe.
 */
final class ProblemPages {
    /** A code's paragraph in the document. */
    private static final Pattern PARAGRAPH = Pattern.compile("(?m)^### ([a-z-]+)\\n\\n(.+)$");

    private static final Pattern BOLD = Pattern.compile("[*][*]([^*]+)[*][*]");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    /** The pages by code, made when the first one is asked for. */
    private static final class Pages {
        private static final Map<String, String> BY_CODE = of(document());

        private static String document() {
            try (InputStream in = ProblemPages.class.getResourceAsStream("problems.md")) {
                if (in == null) {
                    throw new IllegalStateException("the jar lacks problems.md");
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The page of a code, HTML; empty for an unknown one. */
    public Optional<String> page(String code) {
        return Optional.ofNullable(Pages.BY_CODE.get(code));
    }

    private static Map<String, String> of(String document) {
        Map<String, String> paragraphs = paragraphs(document);
        Map<String, String> pages = new HashMap<>();
        for (DenyReason reason : DenyReason.values()) {
            String paragraph = paragraphs.get(reason.code());
            if (paragraph != null) {
                pages.put(reason.code(), page(reason, paragraph));
            }
        }
        return Map.copyOf(pages);
    }

    /** The paragraphs of the document, Markdown, by their codes. */
    static Map<String, String> paragraphs(String document) {
        return PARAGRAPH
                .matcher(document)
                .results()
                .collect(Collectors.toUnmodifiableMap(found -> found.group(1), found -> found.group(2)));
    }

    private static String page(DenyReason reason, String paragraph) {
        String status = reason == DenyReason.UPSTREAM_UNAVAILABLE ? "502 or 504" : Integer.toString(reason.status());
        return """
                <!doctype html>
                <html lang="en">
                <head><meta charset="utf-8"><title>%1$s</title></head>
                <body>
                <h1><code>%1$s</code></h1>
                <p><strong>%2$s.</strong> The status is %3$s.</p>
                <p>%4$s</p>
                </body>
                </html>
                """.formatted(reason.code(), reason.title(), status, html(paragraph));
    }

    /** Turns the Markdown of a paragraph, which has only bold words and code, into HTML. */
    private static String html(String markdown) {
        String escaped = markdown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        String bold = BOLD.matcher(escaped).replaceAll("<strong>$1</strong>");
        return CODE.matcher(bold).replaceAll(found -> Matcher.quoteReplacement("<code>" + found.group(1) + "</code>"));
    }
}
