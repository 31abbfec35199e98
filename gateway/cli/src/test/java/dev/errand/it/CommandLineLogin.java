package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.Errand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code errand login} at a realm, with somebody who opens what it prints.
 *
 * @param realm with the client of a command line
 */
record CommandLineLogin(KeycloakRealm realm) {
    private static final Pattern CODE_FLOW = Pattern.compile("(http\\S+/auth\\S+)");

    /** What a human does with an address. */
    interface Human {
        void open(String url) throws Exception;
    }

    /** The token, by the code flow. */
    String run(Human human, String... more) throws Exception {
        return run(human, CODE_FLOW, more);
    }

    /**
     * The token.
     *
     * @param shown the address that the human opens, in what the command says
     */
    String run(Human human, Pattern shown, String... more) throws Exception {
        List<String> words =
                new ArrayList<>(List.of("login", "--issuer", realm.issuer(), "--client-id", KeycloakRealm.CLIENT));
        words.addAll(List.of(more));
        return typed(words, human, shown);
    }

    /** What a command of a page prints: its words behind {@code errand}, by the code flow. */
    static String typed(List<String> words, Human human) throws Exception {
        return typed(words, human, CODE_FLOW);
    }

    private static String typed(List<String> words, Human human, Pattern shown) throws Exception {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CompletableFuture<Integer> login = CompletableFuture.supplyAsync(() -> Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words.toArray(String[]::new)));
        human.open(find(err, shown));
        assertThat(login.get(60, TimeUnit.SECONDS)).as(err.toString()).isZero();
        return out.toString().strip();
    }

    private static String find(StringWriter err, Pattern shown) throws InterruptedException {
        for (int i = 0; i < 600; i++) {
            Matcher matcher = shown.matcher(err.toString());
            if (matcher.find()) {
                return matcher.group(1);
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new AssertionError(err.toString());
    }
}
