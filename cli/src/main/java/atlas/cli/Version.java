package atlas.cli;

import picocli.CommandLine.IVersionProvider;

/** The version of this build. */
final class Version implements IVersionProvider {
    /** The version as in the build; a development build says so. */
    static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "0.1.0-dev" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"atlas " + text()};
    }
}
