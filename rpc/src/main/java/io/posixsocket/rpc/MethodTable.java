package io.posixsocket.rpc;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/** The methods of a server, found by the bytes of their names: no string is made for a known one. Immutable. */
final class MethodTable {
    private static final class Slot {
        final byte[] service;
        final byte[] method;
        final ServiceDefinition.Handler<?, ?> handler;

        Slot(ServiceDefinition.Handler<?, ?> handler) {
            this.service = handler.method().service().getBytes(StandardCharsets.UTF_8);
            this.method = handler.method().method().getBytes(StandardCharsets.UTF_8);
            this.handler = handler;
        }
    }

    private final Slot[] slots; // open addressing, at most half full
    private final TreeSet<String> services = new TreeSet<>();

    MethodTable(List<ServiceDefinition> definitions) {
        int count = 0;
        for (ServiceDefinition definition : definitions) {
            if (!services.add(definition.name()))
                throw new IllegalArgumentException("service " + definition.name() + " was added before");
            for (ServiceDefinition.Handler<?, ?> ignored : definition.handlers()) count++;
        }
        slots = new Slot[Integer.highestOneBit(Math.max(1, count)) * 4];
        for (ServiceDefinition definition : definitions)
            for (ServiceDefinition.Handler<?, ?> handler : definition.handlers()) add(handler);
    }

    private void add(ServiceDefinition.Handler<?, ?> handler) {
        Slot slot = new Slot(handler);
        int at = Arrays.hashCode(slot.method) & (slots.length - 1);
        while (slots[at] != null) at = (at + 1) & (slots.length - 1);
        slots[at] = slot;
    }

    /** Null if the server has no such method. */
    ServiceDefinition.Handler<?, ?> find(Request request) {
        int at = request.methodHash() & (slots.length - 1);
        for (Slot slot = slots[at]; slot != null; slot = slots[at]) {
            if (request.isFor(slot.service, slot.method)) return slot.handler;
            at = (at + 1) & (slots.length - 1);
        }
        return null;
    }

    boolean hasService(String name) {
        return services.contains(name);
    }

    @Override
    public String toString() {
        return services.toString();
    }
}
