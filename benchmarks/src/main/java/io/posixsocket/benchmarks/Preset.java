package io.posixsocket.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** What one option stands for: several runs that make one report. */
enum Preset {
    /** What the other options say. */
    NONE {
        @Override
        List<Options> parts(Options told) {
            return List.of(told);
        }
    },
    /** Everything, for docs/PERFORMANCE.md. */
    FULL {
        @Override
        List<Options> parts(Options told) {
            Options some = told.orElse(2, 3, 0.4);
            List<Options> parts = new ArrayList<>(List.of(
                    some.part(EVERYBODY, "idle"),
                    some.part(KINDS, "pinned"),
                    some.part(CORE, "apart", "pinned-unaware", "busy", "paced"),
                    some.part(CALLERS, "callers=2", "callers=8", "callers=32", "callers=128"),
                    some.part(KINDS, "size=1024", "size=65536", "size=1048576", "size=max"),
                    some.part(KINDS, "connect"),
                    some.part(CROWDED, "crowded")));
            parts.add(some.study("streams", 0));
            parts.add(some.study("garbage", 0));
            parts.add(some.study("idle-connections", 0));
            parts.add(some.study("start", 0));
            parts.add(some.study("deadlines", 300));
            parts.add(some.study("kills", 50));
            return parts;
        }
    },
    /** Whether ours run at all and answer with the right bytes, in a minute; the figures are worth nothing. */
    SMOKE {
        @Override
        List<Options> parts(Options told) {
            Options few = told.orElse(1, 1, 0.2).withCalls(200, 400);
            return List.of(
                    few.part(OURS_AND_C, "idle", "size=max"),
                    few.part(OURS_AND_C.subList(0, 3), "callers=8", "connect", "crowded"),
                    few.study("streams", 20_000),
                    few.study("garbage", 2_000),
                    few.study("deadlines", 10),
                    few.study("kills", 2));
        }

        @Override
        boolean minds(String contestant) {
            return Contestants.OURS.contains(contestant);
        }
    };

    private static final List<String> EVERYBODY = List.of(Contestants.EACH);

    /** Circumstances in which the question is how ours behave. */
    private static final List<String> CORE =
            List.of("c-blocking", "c-spinning", "jdk-blocking", "rpc-spin", "rpc-nospin", "rpc-jdk25");

    private static final List<String> CROWDED =
            List.of("c-blocking", "jdk-blocking", "rpc-spin", "rpc-nospin", "go-ttrpc", "grpc-epoll", "grpc-direct");

    /** One of each kind. */
    private static final List<String> KINDS = List.of(
            "c-blocking",
            "jdk-blocking",
            "jdk25-blocking",
            "node-posix-socket",
            "rpc-spin",
            "rpc-nospin",
            "rpc-jdk25",
            "go-ttrpc",
            "grpc-direct",
            "thrift");

    private static final List<String> CALLERS = List.of(
            "c-blocking",
            "jdk-blocking",
            "rpc-spin",
            "rpc-nospin",
            "rpc-jdk25",
            "go-ttrpc",
            "grpc-epoll",
            "grpc-direct",
            "thrift");

    private static final List<String> OURS_AND_C =
            List.of("c-blocking", "rpc-spin", "rpc-nospin", "core-blocking", "rpc-tcp", "rpc-jdk25");

    /** The runs, one after the other. What {@code told} says about rounds and contestants holds for each. */
    abstract List<Options> parts(Options told);

    /** Whether a failure of this contestant is one of the whole. */
    boolean minds(String contestant) {
        return true;
    }
}
