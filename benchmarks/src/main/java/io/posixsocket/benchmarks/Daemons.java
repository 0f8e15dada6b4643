package io.posixsocket.benchmarks;

/** Threads that do not keep the process alive. */
final class Daemons {
    private Daemons() {}

    static Thread start(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
