import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * Prepares what the build put into a distribution, once, so that no start has to: signatures of
 * jars are checked here instead of class by class, and native libraries lie ready instead of being
 * unpacked into a temporary directory.
 *
 * <p>Usage: {@code java Assemble.java DIST}
 */
final class Assemble {
    private static final String SIGNATURES = "META-INF/[^/]+\\.(SF|RSA|DSA|EC)";

    private Assemble() {}

    public static void main(String[] args) throws IOException {
        Path dist = Path.of(args[0]);
        Path natives = Files.createDirectories(dist.resolve("native"));
        for (Path jar : jars(dist.resolve("lib"))) {
            if (signed(jar)) {
                unsign(jar);
            }
            unpack(jar, natives);
            slim(jar);
        }
    }

    private static List<Path> jars(Path lib) throws IOException {
        try (Stream<Path> files = Files.list(lib)) {
            return files.filter(f -> f.toString().endsWith(".jar")).sorted().toList();
        }
    }

    private static boolean signed(Path jar) throws IOException {
        try (JarFile in = new JarFile(jar.toFile())) {
            return in.stream().anyMatch(e -> e.getName().matches(SIGNATURES));
        }
    }

    // The JDK archives no class of a signed jar, and checks the digest of each one it loads.
    private static void unsign(Path jar) throws IOException {
        Path unsigned = jar.resolveSibling(jar.getFileName() + ".unsigned");
        try (JarFile in = new JarFile(jar.toFile(), true);
                OutputStream file = Files.newOutputStream(unsigned);
                JarOutputStream out = new JarOutputStream(file, plain(in.getManifest()))) {
            for (JarEntry entry : in.stream().toList()) {
                String name = entry.getName();
                if (name.equals(JarFile.MANIFEST_NAME) || name.matches(SIGNATURES)) {
                    continue;
                }
                // Reading to the end is what checks the digest; it throws when that is wrong.
                byte[] content = in.getInputStream(entry).readAllBytes();
                if (!entry.isDirectory() && !metadata(name) && entry.getCodeSigners() == null) {
                    throw new IOException("`" + name + "` in " + jar + " is not under its signature");
                }
                ZipEntry copy = new ZipEntry(name);
                copy.setTime(entry.getTime());
                out.putNextEntry(copy);
                out.write(content);
                out.closeEntry();
            }
        }
        Files.move(unsigned, jar, StandardCopyOption.ATOMIC_MOVE);
    }

    private static boolean metadata(String name) {
        return name.startsWith("META-INF/") && !name.endsWith(".class");
    }

    /** The main attributes without the digests of entries. */
    private static Manifest plain(Manifest signed) {
        Manifest plain = new Manifest();
        plain.getMainAttributes().putAll(signed.getMainAttributes());
        for (Map.Entry<String, Attributes> entry : signed.getEntries().entrySet()) {
            Attributes kept = new Attributes(entry.getValue());
            kept.keySet().removeIf(k -> k.toString().toLowerCase(Locale.ROOT).contains("-digest"));
            if (!kept.isEmpty()) {
                plain.getEntries().put(entry.getKey(), kept);
            }
        }
        return plain;
    }

    private static boolean linux() {
        return System.getProperty("os.name").equals("Linux");
    }

    /** The policy engine comes for five machines, 80 MB in all; the one needed lies ready by now. */
    private static void slim(Path jar) throws IOException {
        if (!linux() || !jar.getFileName().toString().startsWith("cedar-java-")) {
            return;
        }
        Path slim = jar.resolveSibling(jar.getFileName() + ".slim");
        try (JarFile in = new JarFile(jar.toFile());
                OutputStream file = Files.newOutputStream(slim);
                JarOutputStream out = new JarOutputStream(file, in.getManifest())) {
            for (JarEntry entry : in.stream().toList()) {
                String name = entry.getName();
                if (name.equals(JarFile.MANIFEST_NAME) || name.startsWith("jne/")) {
                    continue;
                }
                ZipEntry copy = new ZipEntry(name);
                copy.setTime(entry.getTime());
                out.putNextEntry(copy);
                in.getInputStream(entry).transferTo(out);
                out.closeEntry();
            }
        }
        Files.move(slim, jar, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void unpack(Path jar, Path natives) throws IOException {
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        String netty = "META-INF/native/lib[a-z_]+_" + (arm ? "aarch_64" : "x86_64") + "\\.so";
        String sqlite = "org/sqlite/native/Linux/" + (arm ? "aarch64" : "x86_64") + "/.*\\.so";
        String cedar = "jne/linux/" + (arm ? "aarch64" : "x86_64") + "/.*\\.so";
        if (!linux()) {
            return; // elsewhere the libraries unpack themselves
        }
        try (JarFile in = new JarFile(jar.toFile())) {
            for (JarEntry entry : in.stream().toList()) {
                String name = entry.getName();
                if (!name.matches(netty) && !name.matches(sqlite) && !name.matches(cedar)) {
                    continue;
                }
                Path target = natives.resolve(name.substring(name.lastIndexOf('/') + 1));
                Path fresh = natives.resolve(target.getFileName() + ".new");
                try (InputStream content = in.getInputStream(entry)) {
                    Files.copy(content, fresh, StandardCopyOption.REPLACE_EXISTING);
                }
                // Renamed into place: a library that a running process has mapped stays as it is.
                Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }
}
