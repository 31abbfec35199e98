package dev.errand.web;

/** Text for one log line: no line breaks, no control or bidirectional characters, bounded. */
final class LogText {
    private static final int MAX = 300;

    private LogText() {}

    static String clean(String text) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), MAX));
        for (int i = 0; i < text.length() && out.length() < MAX; i++) {
            char c = text.charAt(i);
            boolean unsafe = Character.isISOControl(c)
                    || c == '"'
                    || Character.getType(c) == Character.FORMAT
                    || Character.isSurrogate(c)
                    || c == '\u2028'
                    || c == '\u2029';
            out.append(unsafe ? '?' : c);
        }
        return out.toString();
    }
}
