package atlas.node.engine.embedded;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether vector code would be compiled to vector instructions here. */
final class VectorSupport {
    private static final Logger LOG = LoggerFactory.getLogger(VectorSupport.class);
    private static final String MODULE = "jdk.incubator.vector";

    private VectorSupport() {}

    /** True when the module is there and the optimising compiler is on; without it, it crawls. */
    static boolean usable() {
        return optimises() && !Boolean.getBoolean("atlas.vector.off") && present();
    }

    private static boolean optimises() {
        HotSpotDiagnosticMXBean vm =
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        return vm == null || Integer.parseInt(vm.getVMOption("TieredStopAtLevel").getValue()) >= 4;
    }

    private static boolean present() {
        return ModuleLayer.boot().findModule(MODULE).isPresent() || added();
    }

    // Asking for an incubating module on the command line forbids the JDK to start from linked
    // classes, so it is added to the running VM, the way the JDK adds the module of an agent.
    private static boolean added() {
        try {
            Class.forName("jdk.internal.module.Modules")
                    .getMethod("loadModule", String.class)
                    .invoke(null, MODULE);
            return true;
        } catch (ReflectiveOperationException | LinkageError e) {
            Throwable cause = e instanceof InvocationTargetException ? e.getCause() : e;
            LOG.atWarn()
                    .setCause(cause)
                    .log("no vector instructions: models run, but several times slower");
            return false;
        }
    }
}
