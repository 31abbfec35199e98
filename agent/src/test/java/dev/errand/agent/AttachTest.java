package dev.errand.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** COMMAND runs as the companion's user. The tools of the JDK must not give it the memory that holds the key. */
class AttachTest {
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern OPTIONS = Pattern.compile("options=\"(-XX:\\+UseSerialGC[^\"]*)\"");
    private static final String OFF = "-XX:+DisableAttachMechanism";

    /** A companion, as far as its JVM matters. */
    static final class Waiting {
        private Waiting() {}

        public static void main(String[] arguments) throws InterruptedException {
            System.out.println("here");
            TimeUnit.MINUTES.sleep(1);
        }
    }

    private static List<String> options(String script) throws IOException {
        Matcher found = OPTIONS.matcher(Files.readString(TOP.resolve(script)));
        assertThat(found.find()).isTrue();
        return List.of(found.group(1).split(" "));
    }

    @Test
    void companion_isNotAttachedTo() throws Exception {
        Path bin = Path.of(System.getProperty("java.home"), "bin");
        List<String> command = new ArrayList<>(List.of(bin.resolve("java").toString()));
        command.add("@" + TOP.resolve("deploy/dist/agent.args"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Waiting.class.getName()));
        Process companion = new ProcessBuilder(command).start();
        try {
            assertThat(companion.inputReader().readLine()).isEqualTo("here");
            Process jcmd = new ProcessBuilder(
                            bin.resolve("jcmd").toString(), String.valueOf(companion.pid()), "VM.version")
                    .redirectErrorStream(true)
                    .start();
            String said = new String(jcmd.getInputStream().readAllBytes());
            assertThat(jcmd.waitFor()).as(said).isNotZero();
        } finally {
            companion.destroyForcibly();
        }
    }

    @Test
    void folder_startsItSo_andItsCacheFits() throws IOException {
        assertThat(options("deploy/agent-folder")).contains(OFF);
        assertThat(Files.readString(TOP.resolve("deploy/agent-folder")).split(Pattern.quote(OFF), -1))
                .hasSize(3);
    }
}
