package io.posixsocket.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapObjectsTest {
    private static final int MADE = 1_000;

    private static final class Mine {}

    @Test
    void countsWhatWasMadeAlsoIfNobodyHoldsItAnyMore() {
        HeapObjects before = HeapObjects.here();
        long sum = 0;
        for (int i = 0; i < MADE; i++) sum += System.identityHashCode(new Mine());
        HeapObjects made = HeapObjects.here().since(before);

        assertThat(sum).isNotZero();
        HeapObjects.Amount mine = made.classes().getOrDefault(Mine.class.getName(), new HeapObjects.Amount(0, 0));
        if (made.collections() == 0) assertThat(mine.objects()).isEqualTo(MADE);
        else assertThat(mine.objects()).isBetween(0L, (long) MADE);
    }

    @Test
    void aLineOfItIsTheSame() {
        HeapObjects objects = HeapObjects.here();

        assertThat(HeapObjects.parse(objects.line())).isEqualTo(objects);
        assertThat(objects.classes()).containsKey("java.lang.String");
    }

    @Test
    void readsTheLinesThatTellOfAClass() {
        assertThat(HeapObjects.read("""
                         num     #instances         #bytes  class name (module)
                        -------------------------------------------------------
                           1:         10200         928064  [B (java.base@17.0.15)
                           2:             7            168  java.lang.String (java.base@17.0.15)
                        Total         10207         928232
                        """))
                .containsOnlyKeys("[B", "java.lang.String")
                .containsEntry("[B", new HeapObjects.Amount(10_200, 928_064));
    }
}
