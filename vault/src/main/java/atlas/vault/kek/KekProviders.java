package atlas.vault.kek;

import atlas.core.Sensitive;
import atlas.core.crypto.KeyUnavailableException;
import atlas.vault.FileKek;
import atlas.vault.KekProvider;
import atlas.vault.VaultSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Opens the key encryption key that a URI names. */
public final class KekProviders {
    private static final Set<String> FILE = Set.of("passphrase-file");

    private final Path base;
    private final Clock clock;
    private final SecretPlaces secrets;

    /** Providers whose secrets lie below a folder, which may name no key that stands apart. */
    public KekProviders(Path base, Clock clock) {
        this(base, VaultSettings.defaults(), clock);
    }

    /**
     * @param base where relative file names begin
     * @param settings say where secrets may lie: whoever names a key through the API names files of
     *     this machine with it, and a host that is shown what they hold
     */
    public KekProviders(Path base, VaultSettings settings, Clock clock) {
        this.base = base.toAbsolutePath().normalize();
        this.clock = clock;
        this.secrets = SecretPlaces.of(this.base, settings);
    }

    /** The schemes there are. */
    public static List<String> schemes() {
        return List.of(
                "file",
                Pkcs11Token.SCHEME,
                VaultTransit.SCHEME,
                AwsKms.SCHEME,
                GcpKms.SCHEME,
                AzureKeyVault.SCHEME);
    }

    /**
     * The key of a URI. A {@code file:} that is not there is made; of the others nothing is asked
     * before the first use.
     *
     * @throws IllegalArgumentException when the URI is not understood, saying what and how to mend
     *     it
     * @throws atlas.vault.VaultException when a key file is not fit to hold a key
     */
    public KekProvider open(String uri) {
        int colon = uri.indexOf(':');
        String scheme = colon < 0 ? "" : uri.substring(0, colon);
        return switch (scheme) {
            case "file" -> file(parsed(uri, FILE));
            case Pkcs11Token.SCHEME ->
                    new EnvelopeKek(new Pkcs11Token(parsed(uri, Pkcs11Token.PARAMETERS), base));
            case VaultTransit.SCHEME ->
                    new EnvelopeKek(new VaultTransit(parsed(uri, VaultTransit.PARAMETERS), base));
            case AwsKms.SCHEME ->
                    new EnvelopeKek(new AwsKms(parsed(uri, AwsKms.PARAMETERS), base, clock));
            case GcpKms.SCHEME ->
                    new EnvelopeKek(new GcpKms(parsed(uri, GcpKms.PARAMETERS), base, clock));
            case AzureKeyVault.SCHEME ->
                    new EnvelopeKek(
                            new AzureKeyVault(parsed(uri, AzureKeyVault.PARAMETERS), base, clock));
            default ->
                    throw new IllegalArgumentException(
                            "`"
                                    + uri
                                    + "` names no key Atlas can use; it begins with one of "
                                    + schemes().stream().map(one -> "`" + one + ":`").toList());
        };
    }

    private KekUri parsed(String uri, Set<String> parameters) {
        KekUri parsed = KekUri.parse(uri, parameters);
        secrets.admit(parsed, base);
        return parsed;
    }

    /**
     * Whether a URI is understood; asks nobody and makes nothing.
     *
     * @throws IllegalArgumentException when it is not, saying what and how to mend it
     */
    public void check(String uri) {
        if (uri.startsWith("file:")) {
            parsed(uri, FILE);
        } else {
            open(uri).close();
        }
    }

    /**
     * The key of a URI that has been in use: a {@code file:} that is not there is not made.
     *
     * @throws KeyUnavailableException when the file is not there
     */
    public KekProvider existing(String uri) {
        if (uri.startsWith("file:")) {
            Path path = base.resolve(KekUri.parse(uri, FILE).place());
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                throw KeyUnavailableException.withdrawn(
                        "the key file `" + path + "` is gone; put it back");
            }
        }
        return open(uri);
    }

    private KekProvider file(KekUri uri) {
        Path path = base.resolve(uri.place());
        Optional<Sensitive<byte[]>> passphrase =
                uri.file("passphrase-file", base)
                        .map(file -> new SecretFile(file).read())
                        .map(secret ->
                                Sensitive.of(secret.reveal().getBytes(StandardCharsets.UTF_8)));
        return FileKek.openOrCreate(path, uri.text(), passphrase);
    }
}
