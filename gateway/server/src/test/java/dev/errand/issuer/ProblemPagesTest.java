package dev.errand.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.denial.DenyReason;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code docs/problems.md} says of each code is what the gateway's own pages say. */
class ProblemPagesTest {
    private static String document() throws IOException {
        return Files.readString(Checkout.path("docs/problems.md"));
    }

    @Test
    void document_hasOneParagraphForEachCode_inTheirOrder() throws IOException {
        List<String> headings = Pattern.compile("(?m)^### (.+)$")
                .matcher(document())
                .results()
                .map(found -> found.group(1))
                .toList();

        assertThat(headings)
                .containsExactlyElementsOf(
                        Arrays.stream(DenyReason.values()).map(DenyReason::code).toList());
    }

    @ParameterizedTest
    @EnumSource
    void page_isTheParagraph_andSaysWhatToDo(DenyReason reason) throws IOException {
        String paragraph = ProblemPages.paragraphs(document()).get(reason.code());
        String page = new ProblemPages().page(reason.code()).orElseThrow();

        assertThat(paragraph).contains("**Agent:**", "**Operator:**");
        assertThat(plain(paragraph)).contains("Agent: " + reason.instruction());
        assertThat(page)
                .contains("<h1><code>" + reason.code() + "</code></h1>", reason.title(), "<strong>Agent:</strong>")
                .doesNotContain("**", "`");
        assertThat(page.replaceAll("</?(strong|code)>", ""))
                .contains(plain(paragraph)
                        .replace("&", "&amp;")
                        .replace("<", "&lt;")
                        .replace(">", "&gt;"));
    }

    private static String plain(String markdown) {
        return markdown.replace("**", "").replace("`", "");
    }

    @Test
    void paragraphs_ofOtherText_areNone() {
        assertThat(ProblemPages.paragraphs("### a\n\n")).isEqualTo(Map.of());
        assertThat(new ProblemPages().page("no-such-code")).isEmpty();
    }
}
