package io.posixsocket.rpc;

import com.google.protobuf.Message;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A call failed. Thrown by stubs; thrown by a handler, it reaches the caller with status, description and details as they
 * are. So does one that a call made by the handler threw, if the handler does not catch it.
 */
public final class StatusException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Status status;
    private final String description;
    private final transient List<Detail> details;
    private final Executed executed;

    /**
     * @param status any but OK
     * @param description what went wrong, for a person; reaches the caller
     * @param details messages for the caller's program
     * @throws IllegalArgumentException if {@code status} is OK
     */
    public StatusException(Status status, String description, Detail... details) {
        this(status, description, List.of(details), Executed.MAYBE, null);
    }

    /** As {@link #StatusException(Status, String, Detail...)}, with a cause, which stays in this process. */
    public StatusException(Status status, String description, Throwable cause, Detail... details) {
        this(status, description, List.of(details), Executed.MAYBE, cause);
    }

    StatusException(Status status, String description, Executed executed, Throwable cause) {
        this(status, description, List.of(), executed, cause);
    }

    StatusException(Status status, String description, List<Detail> details, Executed executed, Throwable cause) {
        super(description, cause);
        if (status == Status.OK) throw new IllegalArgumentException("status is OK, which is no failure");
        this.status = Objects.requireNonNull(status, "status");
        this.description = Objects.requireNonNull(description, "description");
        this.details = List.copyOf(details);
        this.executed = executed;
    }

    /** Status, description and what is known of the effect: {@code UNAVAILABLE (did not run): connect(unix:…): ECONNREFUSED …}. */
    @Override
    public String getMessage() {
        return status + (executed == Executed.NO ? " (did not run): " : ": ") + description;
    }

    /** Never OK. */
    public Status status() {
        return status;
    }

    /** What went wrong, in the words of whoever threw it; may be empty. */
    public String description() {
        return description;
    }

    /** The messages that came with the status; empty after Java serialization. */
    public List<Detail> details() {
        return details == null ? List.of() : details;
    }

    /**
     * The first detail of the type of {@code prototype}: {@code e.detail(RetryInfo.getDefaultInstance())}. Empty if there is
     * none.
     *
     * @throws IllegalArgumentException if there is one and it cannot be read
     */
    @SuppressWarnings("unchecked") // a message's parser gives messages of its own type
    public <T extends Message> Optional<T> detail(T prototype) {
        for (Detail detail : details())
            if (detail.is(prototype)) return Optional.of((T) detail.unpack(prototype.getParserForType()));
        return Optional.empty();
    }

    /** Whether the call may have had its effect. {@link Executed#MAYBE} for all that a server answered. */
    public Executed executed() {
        return executed;
    }
}
