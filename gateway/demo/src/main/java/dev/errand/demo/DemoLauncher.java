package dev.errand.demo;

import dev.errand.cli.Demonstration;
import java.io.IOException;
import java.util.List;

/** The demonstration, as the errand command finds it. */
public final class DemoLauncher implements Demonstration {
    @Override
    public Running start(Stage stage) throws IOException {
        Demo demo = Demo.start(stage.home(), stage.verbose());
        Transcript transcript = new Transcript(stage.out(), stage.coloured());
        return new Running() {
            @Override
            public String address() {
                return demo.address();
            }

            @Override
            public List<String> play() {
                return demo.play(transcript);
            }

            @Override
            public void keep(String errand) throws IOException {
                demo.keep(transcript, errand);
            }

            @Override
            public void close() {
                demo.close();
            }
        };
    }
}
