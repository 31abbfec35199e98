package dev.errand.gateway.cli;

/** The errand command: its first word chooses what it does. */
public final class Errand {
    private Errand() {}

    public static void main(String[] args) {}
}
