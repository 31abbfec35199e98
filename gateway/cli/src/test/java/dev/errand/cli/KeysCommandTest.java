package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.jose.KeyRing;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeysCommandTest {
    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... options) {
        List<String> words = new ArrayList<>(List.of("keys", "new", file().toString()));
        words.addAll(List.of(options));
        return Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words.toArray(String[]::new));
    }

    private Path file() {
        return directory.resolve("keys.jwks");
    }

    private List<JsonObject> keys() throws Exception {
        JsonArray keys =
                (JsonArray) Json.parseObject(Files.readAllBytes(file())).get("keys");
        return keys.values().stream().map(JsonObject.class::cast).toList();
    }

    /** {@code use type} of each key. */
    private List<String> kinds() throws Exception {
        return keys().stream()
                .map(key -> (key.get("errand_use") instanceof JsonArray uses
                                ? ((JsonString) uses.values().get(0)).value()
                                : "none")
                        + " " + key.string("kty"))
                .toList();
    }

    @Test
    void new_withoutOptions_hasAKeyForEachUseAndTheState() throws Exception {
        assertThat(run()).as(err.toString()).isZero();
        assertThat(kinds()).containsExactly("issue OKP", "txn OKP", "message OKP", "log OKP", "state oct");
        assertThat(Base64.getUrlDecoder().decode(keys().get(4).string("k"))).hasSize(32);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        KeyRing ring = KeyRing.load(file());
        assertThat(out.toString().lines())
                .hasSize(5)
                .startsWith("issue Ed25519 " + ring.issuingKey().orElseThrow().id())
                .endsWith("state secret");
        for (JsonObject key : keys()) {
            assertThat(out.toString()).doesNotContain(String.valueOf(key.string("d")), String.valueOf(key.string("k")));
        }
        assertThat(err.toString()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --use=issue                        | issue OKP
            --use=log,txn,message              | txn OKP, message OKP, log OKP
            --use=issue,txn,state              | issue OKP, txn OKP, state oct
            --use=txn,log --algorithm=ES256    | txn EC, log OKP
            --credential                       | none EC
            """)
    void new_withOptions_hasTheKeysTold(String options, String kinds) throws Exception {
        assertThat(run(options.split(" "))).as(err.toString()).isZero();
        assertThat(kinds()).containsExactly(kinds.split(", "));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void new_aFileThatIsThere_staysAsItIs() throws Exception {
        Files.writeString(file(), "mine");
        assertThat(run()).isEqualTo(1);
        assertThat(err.toString().strip())
                .isEqualTo(file() + ": is there already and stays as it is; name another file");
        assertThat(file()).hasContent("mine");
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file());
        }
    }

    @Test
    void new_whereNothingCanBeWritten_saysSo() throws Exception {
        Files.writeString(directory.resolve("keys.jwks"), "");
        int code = Errand.commandLine()
                .setErr(new PrintWriter(err, true))
                .execute(
                        "keys", "new", directory.resolve("keys.jwks/below.jwks").toString());
        assertThat(code).isEqualTo(1);
        assertThat(err.toString()).contains("below.jwks:1:1: cannot be written").doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --use=isue                  | --use: 'isue' is no use of a key; did you mean 'issue'?
            --use=                      | --use: '' is no use of a key
            --use=issue,,txn            | --use: '' is no use of a key
            --algorithm=RS256           | --algorithm must be Ed25519 or ES256, was 'RS256'
            --credential --use=issue    | --credential makes one ES256 key; leave --use and --algorithm out
            --credential --algorithm=ES256 | --credential makes one ES256 key; leave --use and --algorithm out
            """)
    void new_usageErrors_exitWith2AndWriteNothing(String options, String message) {
        assertThat(run(options.split(" "))).isEqualTo(2);
        assertThat(err.toString()).startsWith(message);
        assertThat(file()).doesNotExist();
    }
}
