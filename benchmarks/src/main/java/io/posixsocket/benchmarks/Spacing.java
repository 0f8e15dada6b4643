package io.posixsocket.benchmarks;

/** Puts labels where they belong, or beside that where they would overlap. */
final class Spacing {
    private Spacing() {}

    /** Ascending coordinates, moved as little as it takes for each to have {@code distance} to the next, within the limits. */
    static double[] apart(double[] wanted, double distance, double from, double to) {
        double[] at = wanted.clone();
        int[] start = new int[at.length]; // of the block that each index begins, valid for the blocks' indices
        double[] middle = new double[at.length]; // where that block wants its first
        int[] count = new int[at.length];
        int blocks = 0;
        for (int i = 0; i < at.length; i++) {
            start[blocks] = i;
            middle[blocks] = wanted[i];
            count[blocks] = 1;
            blocks++;
            while (blocks > 1 && middle[blocks - 2] + count[blocks - 2] * distance > middle[blocks - 1]) {
                int a = blocks - 2;
                int b = blocks - 1;
                // the mean of what both want of the first
                middle[a] =
                        (count[a] * middle[a] + count[b] * (middle[b] - count[a] * distance)) / (count[a] + count[b]);
                count[a] += count[b];
                blocks--;
            }
        }
        for (int block = 0; block < blocks; block++)
            for (int i = 0; i < count[block]; i++) at[start[block] + i] = middle[block] + i * distance;
        for (int i = at.length - 1; i >= 0; i--)
            at[i] = Math.min(at[i], i == at.length - 1 ? to : at[i + 1] - distance);
        for (int i = 0; i < at.length; i++) at[i] = Math.max(at[i], i == 0 ? from : at[i - 1] + distance);
        return at;
    }
}
