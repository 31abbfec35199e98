package dev.errand.cli;

import dev.errand.json.Printable;
import dev.errand.log.proof.CheckpointFile;
import dev.errand.log.proof.UnusableLogException;
import dev.errand.log.read.Prover;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code errand prove}: prints the evidence of one decision as JSON. */
@Command(
        name = "prove",
        description = {
            "Prints the evidence of one call as JSON: the record, its place in the log's tree, the signed checkpoint.",
            "verify/verify_log.py --proof checks it offline."
        },
        mixinStandardHelpOptions = true)
final class ProveCommand extends CliCommand {
    private static final Duration NEXT_CHECKPOINT = Duration.ofSeconds(3);

    @Parameters(paramLabel = "DECISION", description = "the decision's id, as answers and records show it")
    private String decision = "";

    @Mixin
    private LogOption logs = new LogOption();

    @Override
    public Integer call() {
        PrintWriter out = out();
        PrintWriter err = err();
        try {
            LogOption.Found found = logs.of(decision);
            Prover.Proof proof = Prover.prove(found.log(), decision, found.entries(), NEXT_CHECKPOINT);
            out.println(Printable.line(proof.toText()));
            if (!proof.isWitnessed() && Files.exists(found.log().resolve(CheckpointFile.WITNESSED))) {
                err.println(
                        "not witnessed yet: no checkpoint that witnesses cosigned covers the record; ask again later");
            }
            return 0;
        } catch (IOException e) {
            err.println(reason(e));
            return 1;
        } finally {
            out.flush();
            err.flush();
        }
    }

    /** What is wrong, as one printable line. */
    static String reason(IOException e) {
        return Printable.line(told(e));
    }

    private static String told(IOException e) {
        String message = String.valueOf(e.getMessage());
        if (e instanceof UnusableLogException) {
            return message;
        }
        return e instanceof NoSuchFileException
                ? message + ": no such file"
                : e.getClass().getSimpleName() + ": " + message;
    }
}
