package io.posixsocket.benchmarks;

import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * How a contestant fared in a setting.
 *
 * @param slices by restart and round; empty if it did not run
 * @param absence why this machine cannot run it
 * @param failure what went wrong
 */
record Result(Contestant contestant, List<Slice> slices, Optional<String> absence, Optional<String> failure) {
    static Result measured(Contestant contestant, List<Slice> slices) {
        return new Result(contestant, List.copyOf(slices), Optional.empty(), Optional.empty());
    }

    static Result absent(Contestant contestant, String reason) {
        return new Result(contestant, List.of(), Optional.of(reason), Optional.empty());
    }

    static Result failed(Contestant contestant, String reason) {
        return new Result(contestant, List.of(), Optional.empty(), Optional.of(reason));
    }

    /** A figure over all rounds. Not for a contestant that did not run. */
    Spread spread(ToDoubleFunction<Slice> figure) {
        return Spread.of(slices, figure);
    }

    /** Whether there are figures. */
    boolean isMeasured() {
        return !slices.isEmpty();
    }

    /** The contestant's name. */
    String name() {
        return contestant.name();
    }
}
