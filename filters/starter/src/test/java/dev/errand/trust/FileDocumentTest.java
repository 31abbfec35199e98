package dev.errand.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.trust.LiveDocument.MalformedDocumentException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDocumentTest {
    @TempDir
    Path folder;

    @Test
    void look_changedFile_isTakenIfGood() throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), "one");
        try (FileDocument<String> document = new FileDocument<>(file, FileDocumentTest::parse)) {
            assertThat(document.current()).isEqualTo("one");
            Files.writeString(file, "two");
            document.look();
            assertThat(document.current()).isEqualTo("two");
            Files.writeString(file, "bad");
            document.look();
            assertThat(document.current()).isEqualTo("two");
            assertThat(document.fault()).contains("keys: bad on purpose");
            Files.delete(file);
            document.look();
            assertThat(document.current()).isEqualTo("two");
            assertThat(document.fault()).contains("cannot be read");
            Files.writeString(file, "three");
            for (int i = 0; i < 150 && !"three".equals(document.current()); i++) {
                Thread.sleep(20);
            }
            assertThat(document.current()).isEqualTo("three");
            assertThat(document.fault()).isNull();
        }
    }

    @Test
    void open_missingOrMalformed_saysWhich() throws Exception {
        assertThatThrownBy(() -> new FileDocument<>(folder.resolve("none"), FileDocumentTest::parse))
                .isInstanceOf(MalformedDocumentException.class)
                .hasMessageContaining("none");
        Path bad = Files.writeString(folder.resolve("bad"), "bad");
        assertThatThrownBy(() -> new FileDocument<>(bad, FileDocumentTest::parse))
                .isInstanceOf(MalformedDocumentException.class)
                .hasMessageContaining("bad on purpose");
    }

    private static String parse(byte[] bytes) throws MalformedDocumentException {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.equals("bad")) {
            throw new MalformedDocumentException("bad on purpose");
        }
        return text;
    }
}
