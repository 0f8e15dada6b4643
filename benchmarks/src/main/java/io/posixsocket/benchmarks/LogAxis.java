package io.posixsocket.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A logarithmic axis: values and where they are on the picture. */
record LogAxis(double first, double last, double firstAt, double lastAt) {
    private static final double[] STEPS = {1, 2, 5};

    /** One whose ends are round numbers that have {@code least} and {@code most} between them. */
    static LogAxis around(double least, double most, double firstAt, double lastAt) {
        double first = Math.pow(10, Math.floor(Math.log10(least)));
        for (double step : STEPS) {
            double end = step * Math.pow(10, Math.floor(Math.log10(least)));
            if (end <= least) first = end;
        }
        double last = first;
        for (double mark : marks(first, 20 * most, STEPS)) {
            last = mark;
            if (mark >= most && mark > first) break;
        }
        return new LogAxis(first, last, firstAt, lastAt);
    }

    /** Where a value is. */
    double at(double value) {
        double part = last == first ? 0.5 : Math.log(value / first) / Math.log(last / first);
        return firstAt + part * (lastAt - firstAt);
    }

    /** Round numbers from one end to the other: powers of ten, and between them where there is room. */
    List<Double> marks() {
        return marks(first, last, last / first > 2e3 ? new double[] {1} : STEPS);
    }

    private static List<Double> marks(double from, double to, double[] steps) {
        List<Double> marks = new ArrayList<>();
        for (double power = Math.pow(10, Math.floor(Math.log10(from))); power <= to * 1.001; power *= 10) {
            for (double step : steps) {
                double mark = step * power;
                if (mark >= from * 0.999 && mark <= to * 1.001) marks.add(mark);
            }
        }
        return marks;
    }

    /** As it is written beside the axis. */
    static String label(double value) {
        if (value >= 1e6)
            return String.format(Locale.ROOT, "%.3g M", value / 1e6).replaceFirst("\\.?0+ M", " M");
        if (value >= 1) return String.format(Locale.ROOT, "%,.0f", value);
        return String.format(Locale.ROOT, "%.1g", value);
    }
}
