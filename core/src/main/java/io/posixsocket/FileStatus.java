package io.posixsocket;

import jnr.posix.FileStat;

/**
 * What lstat and fstat tell of a file.
 *
 * @param device and {@code inode} together identify the file among all that exist now
 * @param inode see {@code device}
 * @param mode type and permission bits, as {@code st_mode}
 * @param uid the owner, 0 to 4294967295
 * @param gid the group, likewise
 */
public record FileStatus(long device, long inode, int mode, long uid, long gid) {
    static FileStatus of(FileStat stat) {
        return new FileStatus(
                stat.dev(),
                stat.ino(),
                stat.mode(),
                Integer.toUnsignedLong(stat.uid()),
                Integer.toUnsignedLong(stat.gid()));
    }

    /** Whether this is a Unix socket. */
    public boolean isSocket() {
        return (mode & FileStat.S_IFMT) == FileStat.S_IFSOCK;
    }

    /** Whether this is a directory. */
    public boolean isDirectory() {
        return (mode & FileStat.S_IFMT) == FileStat.S_IFDIR;
    }

    /** The permission bits, with set-uid, set-gid and sticky: {@code mode & 07777}. */
    public int permissions() {
        return mode & 07777;
    }

    /** Whether both are the same file: equal device and inode. */
    public boolean isSameFile(FileStatus other) {
        return device == other.device && inode == other.inode;
    }
}
