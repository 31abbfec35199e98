package dev.errand.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The demonstration of {@code errand demo}. It comes with a jar of its own, {@code errand-demo.jar}, so that a gateway that serves
 * carries no stand-ins: see {@link DemoJar}.
 */
public interface Demonstration {
    /** Starts all parts. An {@link IOException} tells why one of them does not start. */
    Running start(Stage stage) throws IOException;

    /**
     * The place and manner of the demonstration.
     *
     * @param home the directory that holds {@code config/}; null for the configuration in the jar
     * @param verbose whether the gateway's own log is shown
     * @param out where the scenes are printed
     * @param coloured whether the reader is a terminal
     */
    record Stage(@Nullable Path home, boolean verbose, PrintWriter out, boolean coloured) {}

    /** The running parts, for one thread. Closing ends them and deletes their files. */
    interface Running extends AutoCloseable {
        /** The gateway's address. */
        String address();

        /** Plays every scene. Returns what did not go as announced; empty if all did. */
        List<String> play();

        /**
         * Starts one more task and prints how to make a call of it from a shell.
         *
         * @param errand the shell command that runs errand
         */
        void keep(String errand) throws IOException;

        @Override
        void close();
    }
}
