package dev.errand.it;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.type.classreading.MetadataReader;
import org.springframework.core.type.classreading.MetadataReaderFactory;

/** Spring reads the class files of all configurations at each start. The gateways of one test process share what was read. */
final class ClassesReadOnce implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    /** The name at which Spring Boot looks for the reader of a context. */
    private static final String READER = "org.springframework.boot.autoconfigure.internalCachingMetadataReaderFactory";

    private static final MetadataReaderFactory SHARED =
            new Shared(MetadataReaderFactory.create(ClassesReadOnce.class.getClassLoader()), new ConcurrentHashMap<>());

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        // A gateway in a process of its own starts once, and its memory is measured. Maven sets the property for tests
        // only.
        if (System.getProperty("basedir") != null
                && context.getBeanFactory() instanceof BeanDefinitionRegistry registry) {
            registry.registerBeanDefinition(READER, new RootBeanDefinition(MetadataReaderFactory.class, () -> SHARED));
        }
    }

    private record Shared(MetadataReaderFactory classes, Map<String, MetadataReader> read)
            implements MetadataReaderFactory {
        @Override
        public MetadataReader getMetadataReader(String className) throws IOException {
            MetadataReader reader = read.get(className);
            if (reader == null) {
                reader = classes.getMetadataReader(className);
                read.put(className, reader);
            }
            return reader;
        }

        @Override
        public MetadataReader getMetadataReader(Resource resource) throws IOException {
            return classes.getMetadataReader(resource);
        }

        @Override
        public ResourceLoader getResourceLoader() {
            return classes.getResourceLoader();
        }
    }
}
