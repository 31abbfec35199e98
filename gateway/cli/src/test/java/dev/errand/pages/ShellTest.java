package dev.errand.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The reading of scripts, on which the tests of the pages' commands stand. */
class ShellTest {
    @Test
    void quotes_continuationsAndComments() {
        assertThat(Shell.commands("a 'b c' \"d $E\" \\\n  f # not this\n# nor this\ng --h=i#j\n"))
                .containsExactly(List.of("a", "b c", "d $E", "f"), List.of("g", "--h=i#j"));
    }

    @Test
    void lists_pipesAndRedirections() {
        assertThat(Shell.commands("a >b 2>&1 && c <d | e; (f; g) > h\nX=1 i 2>/dev/null j\n"))
                .containsExactly(
                        List.of("a"), List.of("c"), List.of("e"), List.of("f"), List.of("g"), List.of("i", "j"));
    }

    @Test
    void substitutions_functionsAndScriptsWithin() {
        assertThat(Shell.commands("t() { a \"$(b $(c))\" \"$@\"; }\nd -- sh -ec 'e \"$F\"\ng'\n"))
                .containsExactly(
                        List.of("c"),
                        List.of("b", "SUBSTITUTED"),
                        List.of("a", "SUBSTITUTED", "$@"),
                        List.of("d", "--", "sh", "-ec", "e \"$F\"\ng"),
                        List.of("e", "$F"),
                        List.of("g"));
    }

    @Test
    void hereDocuments_areNotCommands() {
        assertThat(Shell.commands("a - <<'END'\n{\"b\": 'c}\nEND\nd\n"))
                .containsExactly(List.of("a", "-"), List.of("d"));
    }
}
