package dev.errand.autoconfigure;

import org.springframework.beans.factory.BeanFactory;

/** Has a gateway read its changed files at once. Its own thread looks at them twice a second. */
public final class ConfigurationLook {
    private ConfigurationLook() {}

    public static void at(BeanFactory gateway) {
        ConfigurationReload reload = gateway.getBean(ConfigurationReload.class);
        // A change is read if nothing changed between two looks.
        reload.look();
        reload.look();
    }
}
