package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A companion that asks for a task of {@code errand init --dev}, and the address that it says. */
record DevAsking(Process process, BufferedReader said, String address) implements AutoCloseable {
    private static final Pattern LINE = Pattern.compile("open (\\S+) and allow the task; code [A-Z]{4}-[A-Z]{4}");

    static DevAsking begin(ErrandShell shell, String commands) throws IOException {
        Process process = shell.begin(shell.ported(commands));
        BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
        StringBuilder all = new StringBuilder();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            all.append(line).append('\n');
            Matcher matcher = LINE.matcher(line);
            if (matcher.find()) {
                return new DevAsking(process, said, matcher.group(1));
            }
        }
        throw new AssertionError(all.toString());
    }

    /** Alice opens the page, and sends its form. */
    void allow() {
        allow(address);
    }

    static void allow(String address) {
        URI url = URI.create(address);
        PageVisitor alice = new PageVisitor(URI.create(url.getScheme() + "://" + url.getAuthority()));
        HttpResponse<String> page = alice.signedInAt("/start?" + url.getRawQuery());
        assertThat(page.body()).contains("Allow this task: sign in as alice");
        HttpResponse<String> done =
                alice.get(PageVisitor.atProvider(alice.post("/start", PageVisitor.form(page, "allow"))));
        assertThat(done.body()).contains("You allowed this task");
    }

    /** What the commands printed on standard output. */
    String output() throws Exception {
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return printed;
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }
}
