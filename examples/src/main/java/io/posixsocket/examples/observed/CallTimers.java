package io.posixsocket.examples.observed;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.posixsocket.rpc.CallContext;
import io.posixsocket.rpc.Interceptor;
import io.posixsocket.rpc.Status;
import io.posixsocket.rpc.StatusException;

/** A timer for each method and each way in which its calls end, on either side. */
public record CallTimers(MeterRegistry registry, String name) implements Interceptor {
    @Override
    public void intercept(CallContext call, Runnable proceed) {
        Timer.Sample sample = Timer.start(registry);
        Status status = Status.OK;
        try {
            proceed.run();
        } catch (StatusException e) {
            status = e.status();
            throw e;
        } catch (RuntimeException | Error e) {
            status = Status.UNKNOWN; // what a caller that still waits is told
            throw e;
        } finally {
            sample.stop(registry.timer(name, "method", call.method().toString(), "status", status.name()));
        }
    }
}
