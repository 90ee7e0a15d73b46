package io.koshi.plugin.internal;

import java.lang.reflect.Field;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes Felix forget which services an uninstalled bundle once used. Felix (7.0.5 and its main line of 2026) keeps a zero
 * count for each service that a bundle has given back, and with it the bundle, until that service goes; the hub's own
 * never go, so each install would cost some 10 KB for good. There is no way to it but the private field; where that is
 * not found, nothing is done.
 */
final class ServiceUsage {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceUsage.class);

    private ServiceUsage() {}

    static void forget(Bundle framework, Bundle gone) {
        if (gone.getState() != Bundle.UNINSTALLED) {
            return;
        }
        try {
            Object registry = field(framework.getClass(), "m_registry").get(framework);
            if (field(registry.getClass(), "m_inUseMap").get(registry) instanceof Map<?, ?> inUse) {
                inUse.remove(gone);
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("This framework is another Felix: it may keep what {} used", gone, e);
        }
    }

    private static Field field(Class<?> type, String name) throws NoSuchFieldException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}
