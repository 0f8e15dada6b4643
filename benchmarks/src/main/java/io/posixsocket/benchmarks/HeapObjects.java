package io.posixsocket.benchmarks;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What lies on a heap, by class, garbage included: as long as nothing is collected, the difference of two of these is what was
 * allocated between them, to the object.
 *
 * @param collections of garbage so far
 * @param classes by name, as the JVM writes it
 */
record HeapObjects(long collections, Map<String, Amount> classes) {
    private static final Amount NOTHING = new Amount(0, 0);

    /** Objects of one class, and their bytes in sum. */
    record Amount(long objects, long bytes) {
        Amount minus(Amount other) {
            return new Amount(objects - other.objects, bytes - other.bytes);
        }
    }

    /** The heap of this process. */
    static HeapObjects here() {
        long collections = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans())
            collections += collector.getCollectionCount();
        return new HeapObjects(collections, read(histogram()));
    }

    private static String histogram() {
        try {
            return (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[] {"-all"}}, // without a collection
                            new String[] {String[].class.getName()});
        } catch (JMException e) {
            throw new IllegalStateException("this JVM does not tell its objects by class", e);
        }
    }

    /** Lines of a number, objects, bytes and a class. */
    static Map<String, Amount> read(String histogram) {
        Map<String, Amount> classes = new HashMap<>();
        for (String line : histogram.lines().toList()) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length >= 4 && words[0].matches("\\d+:"))
                classes.merge(
                        words[3],
                        new Amount(Long.parseLong(words[1]), Long.parseLong(words[2])),
                        (one, other) -> new Amount(one.objects + other.objects, one.bytes + other.bytes));
        }
        return classes;
    }

    /** What came since {@code before}. */
    HeapObjects since(HeapObjects before) {
        Map<String, Amount> more = new HashMap<>();
        classes.forEach((name, amount) -> more.put(name, amount.minus(before.classes.getOrDefault(name, NOTHING))));
        return new HeapObjects(collections - before.collections, more);
    }

    /** For another process to {@link #parse}. */
    String line() {
        StringJoiner line = new StringJoiner(" ");
        line.add("" + collections);
        classes.forEach((name, amount) -> line.add(name + " " + amount.objects + " " + amount.bytes));
        return line.toString();
    }

    static HeapObjects parse(String line) {
        String[] words = line.split(" ", -1);
        Map<String, Amount> classes = new HashMap<>();
        for (int i = 1; i < words.length; i += 3)
            classes.put(words[i], new Amount(Long.parseLong(words[i + 1]), Long.parseLong(words[i + 2])));
        return new HeapObjects(Long.parseLong(words[0]), classes);
    }
}
