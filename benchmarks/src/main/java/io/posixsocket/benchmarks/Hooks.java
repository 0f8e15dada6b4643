package io.posixsocket.benchmarks;

/** What has to be undone if the JVM exits before the owner has done it. */
final class Hooks {
    private Hooks() {}

    /** Takes a hook back. */
    static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the hooks run already
        }
    }
}
