package io.posixsocket.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/** A question about our own calls that no other contestant answers. */
interface Study {
    /** As on the command line. */
    String name();

    /** For the report. */
    String about();

    /** How many samples are taken if nobody says. */
    int samples();

    /** Takes so many samples. */
    Finding take(int samples) throws IOException, InterruptedException;

    /**
     * What was found.
     *
     * @param delays in nanoseconds
     * @param note what else is to be known
     */
    record Finding(Histogram delays, String note) {}

    /** Those that there are. */
    static List<Study> all() {
        return List.of(new DeadlineStudy(), new KillStudy());
    }

    static Optional<Study> named(String name) {
        return all().stream().filter(study -> study.name().equals(name)).findFirst();
    }
}
