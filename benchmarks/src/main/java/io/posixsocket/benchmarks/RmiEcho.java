package io.posixsocket.benchmarks;

import java.rmi.Remote;
import java.rmi.RemoteException;

/** The remote interface. */
interface RmiEcho extends Remote {
    /** Answers with what it was sent. */
    byte[] echo(byte[] body) throws RemoteException;
}
