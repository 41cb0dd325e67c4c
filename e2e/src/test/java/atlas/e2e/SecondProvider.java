package atlas.e2e;

import java.io.BufferedReader;
import java.nio.file.Path;

/** The second OpenID provider: {@code oidc-provider} on Node, over HTTPS on loopback. */
final class SecondProvider implements AutoCloseable {
    private final Process process;
    private final String issuer;

    private SecondProvider(Process process, String issuer) {
        this.process = process;
        this.issuer = issuer;
    }

    static String issuer(int port) {
        return "https://localhost:" + port;
    }

    /**
     * Starts it.
     *
     * @param console whose people come back to it
     * @param trusted what its calls to Atlas trust
     */
    static SecondProvider start(int port, TestAuthority authority, String console, Path trusted)
            throws Exception {
        Peers.needSdk("oidc-provider");
        authority.issue("second");
        ProcessBuilder builder =
                new ProcessBuilder(
                                "node",
                                "openid-provider.mjs",
                                String.valueOf(port),
                                authority.key("second").toString(),
                                authority.certificate("second").toString(),
                                console)
                        .directory(Running.root().resolve("e2e/js").toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("NODE_EXTRA_CA_CERTS", trusted.toString());
        Process process = builder.start();
        BufferedReader out = process.inputReader();
        String line;
        do {
            line = out.readLine();
        } while (line != null && !line.equals("ready"));
        if (line == null) {
            process.destroyForcibly();
            throw new AssertionError("the second provider did not start");
        }
        return new SecondProvider(process, issuer(port));
    }

    String issuer() {
        return issuer;
    }

    @Override
    public void close() {
        process.destroy();
    }
}
