package atlas.node.engine.embedded;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** Whether vector code would be compiled to vector instructions here. */
final class VectorSupport {
    private VectorSupport() {}

    /** True when the module is there and the optimising compiler is on; without it, it crawls. */
    static boolean usable() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent() && optimises();
    }

    private static boolean optimises() {
        HotSpotDiagnosticMXBean vm =
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        return vm == null || Integer.parseInt(vm.getVMOption("TieredStopAtLevel").getValue()) >= 4;
    }
}
