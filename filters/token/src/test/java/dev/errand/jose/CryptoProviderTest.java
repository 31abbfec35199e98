package dev.errand.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which provider is chosen; each case in a process of its own, since the choice is made once. */
class CryptoProviderTest {
    private static final String NATIVE = "AmazonCorrettoCryptoProvider";

    /** Signs and verifies with every algorithm and says what did it. */
    static final class Probe {
        private Probe() {}

        public static void main(String[] arguments) throws Exception {
            byte[] input = "input".getBytes(StandardCharsets.UTF_8);
            for (JwsAlgorithm algorithm : JwsAlgorithm.values()) {
                TestKeys.TestKey key = TestKeys.of(algorithm);
                byte[] signature = key.sign(input);
                boolean good = algorithm.verify(key.parsed().key(), input, signature);
                signature[signature.length - 1] ^= 1;
                boolean bad = algorithm.verify(key.parsed().key(), input, signature);
                System.out.println(algorithm + " " + good + " " + bad);
            }
            for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
                String own = algorithm.generate().string("kty");
                System.out.println("own " + own);
            }
            System.out.println("provider " + CryptoProvider.name());
            System.out.println("fault " + CryptoProvider.fault());
        }
    }

    @Test
    void choose_onAPlatformOfTheLibrary_isTheNativeProvider() throws Exception {
        assumeTrue("Linux".equals(System.getProperty("os.name"))
                && Set.of("amd64", "aarch64").contains(System.getProperty("os.arch")));
        List<String> said = probe();
        assertThat(said).anyMatch(line -> line.startsWith("provider " + NATIVE)).contains("fault null");
        assertVerifies(said);
    }

    @Test
    void choose_whereTheLibraryDoesNotLoad_isTheJdkAndSaysWhy() throws Exception {
        // It is then looked for on java.library.path, where it is not.
        List<String> said = probe("-Dcom.amazon.corretto.crypto.provider.useExternalLib=true");
        assertThat(said)
                .anyMatch(line -> line.startsWith("provider JDK"))
                .anyMatch(line -> line.startsWith("fault ") && line.length() > 12 && !line.equals("fault null"));
        assertVerifies(said);
    }

    private static void assertVerifies(List<String> said) {
        for (JwsAlgorithm algorithm : JwsAlgorithm.values()) {
            assertThat(said).contains(algorithm + " true false");
        }
    }

    private static List<String> probe(String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Probe.class.getName()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return said.lines().toList();
    }
}
