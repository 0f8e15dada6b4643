package io.posixsocket.rpc;

import io.posixsocket.CpuAffinity;

/** The processor of a worker: the threads that read a server's connections are ours, so their affinity is, too. */
final class WorkersProcessor implements Spin.Processor {
    private static final System.Logger LOG = System.getLogger(Server.class.getName());
    private static volatile boolean unknown; // a C library without these functions: nobody asks again

    @Override
    public long losses() {
        if (unknown) return -1;
        try {
            return CpuAffinity.involuntarySwitches();
        } catch (LinkageError | OutOfMemoryError e) { // no call ends for this
            failed(e);
            return -1;
        }
    }

    @Override
    public void leave() {
        try {
            CpuAffinity.moveAway();
        } catch (LinkageError | OutOfMemoryError e) {
            failed(e);
        }
    }

    private static void failed(Error e) {
        unknown = true;
        LOG.log(System.Logger.Level.DEBUG, "workers stay on the processors where they are", e);
    }
}
