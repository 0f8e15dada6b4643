package io.posixsocket.examples.shim;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a plain process needs of a bundle's config.json, which the OCI's runtime specification describes. */
record OciConfig(Program process, Root root) {
    record Program(List<String> args, List<String> env, String cwd, User user) {
        Program {
            if (env == null) env = List.of(); // as it may be missing
        }
    }

    record User(int uid, int gid) {}

    /** {@code path} is absolute, or relative to the bundle. */
    record Root(String path) {}

    static OciConfig of(Path bundle) throws IOException {
        try (Reader json = Files.newBufferedReader(bundle.resolve("config.json"))) {
            return new Gson().fromJson(json, OciConfig.class);
        }
    }
}
