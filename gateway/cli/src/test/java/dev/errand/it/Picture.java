package dev.errand.it;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** A picture of a page for the documentation: as a PNG of 256 colours, which is small. */
final class Picture {
    private static final int COLOURS = 256;

    private Picture() {}

    /**
     * Writes {@code NAME.png} to {@code target/console}, and with {@code -Derrand.console.pictures=DIR} to that folder.
     *
     * @param png of any size and depth
     */
    static void write(String name, byte[] png) throws IOException {
        BufferedImage indexed = indexed(ImageIO.read(new ByteArrayInputStream(png)));
        Path target = Path.of(System.getProperty(
                "errand.console.pictures",
                RunningGateway.repository()
                        .resolve("gateway/cli/target/console")
                        .toString()));
        Files.createDirectories(target);
        ImageIO.write(indexed, "png", target.resolve(name + ".png").toFile());
    }

    /** Each colour becomes the nearest of the most frequent ones. */
    private static BufferedImage indexed(BufferedImage full) {
        Map<Integer, Integer> counts = new HashMap<>();
        for (int y = 0; y < full.getHeight(); y++) {
            for (int x = 0; x < full.getWidth(); x++) {
                counts.merge(full.getRGB(x, y) & 0xffffff, 1, Integer::sum);
            }
        }
        List<Integer> frequent = counts.entrySet().stream()
                .sorted(Map.Entry.<Integer, Integer>comparingByValue().reversed())
                .limit(COLOURS)
                .map(Map.Entry::getKey)
                .toList();
        byte[][] channels = new byte[3][frequent.size()];
        for (int i = 0; i < frequent.size(); i++) {
            for (int channel = 0; channel < 3; channel++) {
                channels[channel][i] = (byte) (frequent.get(i) >> (16 - 8 * channel));
            }
        }
        IndexColorModel colours = new IndexColorModel(8, frequent.size(), channels[0], channels[1], channels[2]);
        BufferedImage indexed =
                new BufferedImage(full.getWidth(), full.getHeight(), BufferedImage.TYPE_BYTE_INDEXED, colours);
        Map<Integer, Integer> nearest = new HashMap<>();
        for (int y = 0; y < full.getHeight(); y++) {
            for (int x = 0; x < full.getWidth(); x++) {
                int place = nearest.computeIfAbsent(full.getRGB(x, y) & 0xffffff, colour -> nearest(frequent, colour));
                indexed.getRaster().setSample(x, y, 0, place);
            }
        }
        return indexed;
    }

    private static int nearest(List<Integer> colours, int colour) {
        int best = 0;
        long least = Long.MAX_VALUE;
        for (int i = 0; i < colours.size(); i++) {
            long distance = 0;
            for (int shift = 0; shift <= 16; shift += 8) {
                long apart = ((colours.get(i) >> shift) & 0xff) - ((colour >> shift) & 0xff);
                distance += apart * apart;
            }
            if (distance < least) {
                least = distance;
                best = i;
            }
        }
        return best;
    }
}
