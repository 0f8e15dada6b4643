package io.posixsocket.benchmarks;

import java.util.Map;

/**
 * How a contestant is drawn: the same in all pictures. The colours are Okabe's and Ito's, which differ also for those who see no
 * red or no green, and darker ones of Tol's; ours are the strong lines.
 */
record Look(String colour, String dashes, boolean isOurs) {
    private static final String WHOLE = "none";
    private static final String DASHED = "7 4";
    private static final String DOTTED = "2 3";

    private static final Map<String, Look> LOOKS = Map.ofEntries(
            Map.entry("c-blocking", new Look("#000000", WHOLE, false)),
            Map.entry("c-spinning", new Look("#000000", DASHED, false)),
            Map.entry("rpc-spin", new Look("#0072b2", WHOLE, true)),
            Map.entry("rpc-nospin", new Look("#0072b2", DASHED, true)),
            Map.entry("rpc-jdk25", new Look("#4aa3df", WHOLE, true)),
            Map.entry("rpc-tcp", new Look("#4aa3df", DASHED, true)),
            Map.entry("core-blocking", new Look("#4aa3df", DOTTED, true)),
            Map.entry("jdk-blocking", new Look("#009e73", WHOLE, false)),
            Map.entry("jdk25-blocking", new Look("#009e73", DASHED, false)),
            Map.entry("jffi-blocking", new Look("#888888", WHOLE, false)),
            Map.entry("jnr-unixsocket", new Look("#888888", DASHED, false)),
            Map.entry("junixsocket", new Look("#888888", DOTTED, false)),
            Map.entry("node-posix-socket", new Look("#b8860b", WHOLE, false)),
            Map.entry("go-ttrpc", new Look("#cc79a7", WHOLE, false)),
            Map.entry("grpc-direct", new Look("#d55e00", WHOLE, false)),
            Map.entry("grpc-epoll", new Look("#d55e00", DASHED, false)),
            Map.entry("grpc-default", new Look("#d55e00", DOTTED, false)),
            Map.entry("thrift", new Look("#882255", WHOLE, false)),
            Map.entry("rmi", new Look("#882255", DASHED, false)));

    /** A contestant's. */
    static Look of(String contestant) {
        return LOOKS.getOrDefault(contestant, new Look("#888888", WHOLE, false));
    }

    String width() {
        return isOurs ? "2.6" : "1.6";
    }
}
