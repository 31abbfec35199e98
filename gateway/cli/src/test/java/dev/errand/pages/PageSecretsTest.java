package dev.errand.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No page, script or help text passes a token or a secret as an argument, since every user of a machine can read the arguments of a
 * process. They pass the name of a file, or use standard input.
 */
class PageSecretsTest {
    /** What readers copy: pages, scripts, configurations, and the sources of help texts and printed commands. */
    private static final List<String> FOLDERS =
            List.of("docs", "deploy", "config", "load-tests", ".ci", "clients", "verify");

    private static final Pattern TEXT =
            Pattern.compile(".*\\.(md|java|sh|ya?ml|mjs|js|py|html|tpl|json|toml|txt)|[^.]*|.*/Dockerfile.*");

    /** A line of a script may go on in the next one, in Java behind the end of a text. */
    private static final Pattern JOINT = Pattern.compile("\\\\\\\\?\"?,?\\s*\n\\s*\"?");

    private static final String QUOTE = "(?:\\\\?[\"'])?";
    private static final Pattern PASSED = Pattern.compile(String.join(
            "|",
            // A token as the value of an option: only @file, or a word of a sentence.
            "--(?:subject-token|actor-token|svid|token|chain|parent)[ =]" + QUOTE + "(?:\\\\?\\$|eyJ)",
            // A header with a credential.
            "(?:-H|--header)[ =]?" + QUOTE
                    + "(?:Authorization|Proxy-Authorization|DPoP|AAT-PoP|Delegation-Chain|Workload-SVID|X-Vault-Token|Cookie):",
            // A user with a password.
            "(?:-u|--user)[ =]?" + QUOTE + "[\\w$-]+:\\$",
            "--(?:password|client-secret|secret)[ =]" + QUOTE + "\\$"));

    private static List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> top = Files.list(Block.REPOSITORY)) {
            top.filter(Files::isRegularFile).forEach(files::add);
        }
        List<String> folders = new ArrayList<>(FOLDERS);
        Checkout.MODULES.forEach(module -> folders.add(module + "/src/main"));
        for (String folder : folders) {
            try (Stream<Path> tree = Files.walk(Block.REPOSITORY.resolve(folder))) {
                tree.filter(Files::isRegularFile)
                        .filter(file -> !file.toString().matches(".*/(node_modules|target|results|build)/.*"))
                        .filter(file -> TEXT.matcher(file.toString()).matches())
                        .forEach(files::add);
            }
        }
        return files;
    }

    private static List<String> passed(String text) {
        List<String> found = new ArrayList<>();
        Matcher passed = PASSED.matcher(JOINT.matcher(text).replaceAll(" "));
        while (passed.find()) {
            found.add(passed.group());
        }
        return found;
    }

    @Test
    void noToken_isAnArgument() throws IOException {
        List<String> told = new ArrayList<>();
        List<Path> files = files();
        for (Path file : files) {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            passed(text).forEach(each -> told.add(Block.REPOSITORY.relativize(file) + ": " + each));
        }
        assertThat(told).isEmpty();
        assertThat(files).hasSizeGreaterThan(500);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "errand token end --token \"$TOKEN\" --key k",
                "errand agent --subject-token eyJhbGciOi",
                "errand token start --svid=$(cat svid)",
                "errand token derive --parent \\\"$TOKEN\\\"",
                "curl $URL -H \"Authorization: Bearer $(cat token)\"",
                "curl \\\n    -H 'X-Vault-Token: x'",
                "\"  curl \\\"$URL\\\" \\\\\",\n            \"      -H \\\"DPoP: $P\\\"\"",
                "curl -u \"client:$SECRET\"",
                "kubectl --token=$T"
            })
    void passedToken_isFound(String text) {
        assertThat(passed(text)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "errand token end --token @task.jwt --chain @root.jwt",
                "--token needs --key FILE",
                "curl -H @- -H \"Accept: application/json\"",
                "curl -u errand: x",
                "printf 'Authorization: Bearer %s\\n' \"$T\" | curl -H @-"
            })
    void namedFile_isNone(String text) {
        assertThat(passed(text)).isEmpty();
    }
}
