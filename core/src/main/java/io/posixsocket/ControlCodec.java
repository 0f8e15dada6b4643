package io.posixsocket;

import static io.posixsocket.SocketConstants.SOL_SOCKET;

import io.posixsocket.ControlMessage.IpPktinfo;
import io.posixsocket.ControlMessage.Ipv6Pktinfo;
import io.posixsocket.ControlMessage.Raw;
import io.posixsocket.ControlMessage.ScmCredentials;
import io.posixsocket.ControlMessage.ScmPidfd;
import io.posixsocket.ControlMessage.ScmRights;
import io.posixsocket.ControlMessage.ScmTimestamp;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Control messages to and from the memory behind {@code msg_control}. */
final class ControlCodec {
    private static final int IN_PKTINFO = 12;
    private static final int IN6_PKTINFO = 20;

    private ControlCodec() {}

    /** The descriptors in it stand for the numbers that they have now: hold them open until the call is over. */
    static byte[] encode(List<ControlMessage> control) {
        byte[][] data = new byte[control.size()][];
        int size = 0;
        for (int i = 0; i < data.length; i++) {
            data[i] = data(control.get(i));
            size += CmsgLayout.space(data[i].length);
        }
        byte[] encoded = new byte[size];
        ByteBuffer bytes = ByteBuffer.wrap(encoded).order(ByteOrder.nativeOrder());
        int offset = 0;
        for (int i = 0; i < data.length; i++) {
            ControlMessage message = control.get(i);
            CmsgLayout.putHeader(bytes, offset, message.level(), message.type(), data[i].length);
            bytes.put(offset + CmsgLayout.DATA, data[i]);
            offset += CmsgLayout.space(data[i].length);
        }
        return encoded;
    }

    private static byte[] data(ControlMessage message) {
        if (message instanceof ScmRights || message instanceof ScmPidfd) {
            List<OwnedFd> fds = fds(List.of(message));
            byte[] numbers = new byte[4 * fds.size()];
            ByteBuffer to = ByteBuffer.wrap(numbers).order(ByteOrder.nativeOrder());
            for (OwnedFd fd : fds) to.putInt(fd.number());
            return numbers;
        }
        if (message instanceof ScmCredentials credentials)
            return credentials.ucred().encode();
        if (message instanceof ScmTimestamp timestamp) {
            Instant time = timestamp.time();
            return StructLayout.timeval(time.getEpochSecond(), time.getNano() / 1000);
        }
        if (message instanceof IpPktinfo info)
            return StructLayout.allocate(IN_PKTINFO)
                    .putInt(info.ifindex())
                    .put(info.specDst().getAddress())
                    .put(info.addr().getAddress())
                    .array();
        if (message instanceof Ipv6Pktinfo info)
            return StructLayout.allocate(IN6_PKTINFO)
                    .put(info.addr().getAddress())
                    .putInt(info.ifindex())
                    .array();
        return ((Raw) message).data();
    }

    /** All descriptors in them, in their order. */
    static List<OwnedFd> fds(List<ControlMessage> control) {
        List<OwnedFd> found = new ArrayList<>();
        for (ControlMessage message : control) {
            if (message instanceof ScmRights rights) found.addAll(rights.fds());
            if (message instanceof ScmPidfd pidfd) found.add(pidfd.pidfd());
        }
        return found;
    }

    /** What the system wrote to the first {@code length} bytes. Every descriptor among it has an owner in the result. */
    static List<ControlMessage> decode(ByteBuffer from, int length) {
        List<ControlMessage> found = new ArrayList<>();
        int offset = 0;
        while (offset + CmsgLayout.DATA <= length) {
            long cmsgLen = CmsgLayout.length(from, offset);
            if (cmsgLen < CmsgLayout.DATA) break;
            // the system cuts the last one to what there is, but does not always shorten its length
            int end = (int) Math.min(length, offset + cmsgLen);
            ByteBuffer data = from.slice(offset + CmsgLayout.DATA, end - offset - CmsgLayout.DATA)
                    .order(from.order());
            int level = from.getInt(offset + CmsgLayout.LEVEL);
            int type = from.getInt(offset + CmsgLayout.TYPE);
            found.add(decode(level, type, data));
            offset += CmsgLayout.align(end - offset);
        }
        return List.copyOf(found);
    }

    private static ControlMessage decode(int level, int type, ByteBuffer data) {
        if (level == SOL_SOCKET && type == SocketConstants.SCM_RIGHTS) return rights(data);
        if (level == SOL_SOCKET && type == SocketConstants.SCM_PIDFD && data.limit() == 4 && data.getInt(0) >= 0)
            return new ScmPidfd(OwnedFd.adopt(data.getInt(0)));
        if (level == SOL_SOCKET && type == SocketConstants.SCM_CREDENTIALS && data.limit() == Ucred.SIZE)
            return new ScmCredentials(Ucred.decode(data));
        if (level == SOL_SOCKET && type == SocketConstants.SCM_TIMESTAMP && data.limit() == StructLayout.TIMEVAL)
            return new ScmTimestamp(Instant.ofEpochSecond(
                    StructLayout.getLong(data, 0), StructLayout.getLong(data, Platform.LONG) * 1000));
        if (level == SocketConstants.IPPROTO_IP && type == SocketConstants.IP_PKTINFO && data.limit() == IN_PKTINFO)
            return new IpPktinfo(data.getInt(0), StructLayout.inet4(data, 4), StructLayout.inet4(data, 8));
        if (level == SocketConstants.IPPROTO_IPV6
                && type == SocketConstants.IPV6_PKTINFO
                && data.limit() == IN6_PKTINFO) return new Ipv6Pktinfo(StructLayout.inet6(data, 0), data.getInt(16));
        byte[] bytes = new byte[data.limit()];
        data.get(0, bytes);
        return new Raw(level, type, bytes);
    }

    private static ScmRights rights(ByteBuffer numbers) {
        List<OwnedFd> fds = new ArrayList<>(numbers.limit() / 4);
        for (int i = 0; i + 4 <= numbers.limit(); i += 4) fds.add(OwnedFd.adopt(numbers.getInt(i)));
        return new ScmRights(fds);
    }
}
