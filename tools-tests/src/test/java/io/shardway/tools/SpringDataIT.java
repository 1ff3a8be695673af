package io.shardway.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.proxy.TestProxy;
import jakarta.persistence.EntityManagerFactory;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Pageable;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.support.TransactionTemplate;

/** Repositories of Spring Data JPA on a sharded keyspace. */
@Timeout(120)
class SpringDataIT {

    private static TestProxy proxy;

    /** Customers, whose key is drawn. */
    interface Customers extends JpaRepository<Shop.Customer, Long> {}

    /** Purchases, by the shard key. */
    interface Purchases extends JpaRepository<Shop.Purchase, Shop.PurchaseId> {
        List<Shop.Purchase> findByCustomerOrderByNumberDesc(Long customer);

        Page<Shop.Purchase> findByCustomer(Long customer, Pageable page);

        long countByCustomerAndPriceGreaterThan(Long customer, BigDecimal price);

        long deleteByCustomer(Long customer);
    }

    /** What Spring Boot would configure by itself. */
    @Configuration
    @EnableTransactionManagement
    @EnableJpaRepositories(considerNestedRepositories = true)
    static class Application {

        @Bean
        DataSource dataSource() {
            return new DriverManagerDataSource(proxy.url(), "builder", "pw");
        }

        @Bean
        LocalContainerEntityManagerFactoryBean entityManagerFactory(DataSource dataSource) {
            var factory = new LocalContainerEntityManagerFactoryBean();
            factory.setDataSource(dataSource);
            factory.setPackagesToScan("io.shardway.tools");
            factory.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
            factory.setJpaPropertyMap(Map.of("hibernate.hbm2ddl.auto", "create"));
            return factory;
        }

        @Bean
        PlatformTransactionManager transactionManager(EntityManagerFactory factory) {
            return new JpaTransactionManager(factory);
        }
    }

    @BeforeAll
    static void start() throws SQLException {
        proxy = TestProxy.start();
        try (Connection admin = proxy.connectAsAdmin();
                Statement statement = admin.createStatement()) {
            statement.execute("SHARDWAY CREATE ACCOUNT builder IDENTIFIED BY 'pw'");
            statement.execute(
                    "SHARDWAY GRANT WRITE ON %s.* TO builder".formatted(proxy.keyspace()));
        }
    }

    @AfterAll
    static void stop() {
        if (proxy != null) {
            proxy.close();
        }
    }

    @Test
    void repositoriesSaveFindPageAndDelete() {
        try (var context = new AnnotationConfigApplicationContext(Application.class)) {
            var customers = context.getBean(Customers.class);
            var purchases = context.getBean(Purchases.class);
            var transactions =
                    new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
            var ada = new Shop.Customer();
            ada.name = "Ada";
            long id = customers.save(ada).id;
            transactions.executeWithoutResult(_ -> {
                for (int number = 1; number <= 7; number++) {
                    var purchase = new Shop.Purchase();
                    purchase.customer = id;
                    purchase.number = number;
                    purchase.price = BigDecimal.valueOf(number);
                    purchases.save(purchase);
                }
            });
            assertThat(customers.findById(id)).map(found -> found.name).contains("Ada");
            assertThat(purchases.findByCustomerOrderByNumberDesc(id))
                    .extracting(purchase -> purchase.number)
                    .containsExactly(7, 6, 5, 4, 3, 2, 1);
            Page<Shop.Purchase> page = purchases.findByCustomer(id, PageRequest.of(1, 5));
            assertThat(page.getContent()).hasSize(2);
            assertThat(page.getTotalElements()).isEqualTo(7);
            assertThat(purchases.countByCustomerAndPriceGreaterThan(id, BigDecimal.valueOf(4)))
                    .isEqualTo(3);
            Long deleted = transactions.execute(_ -> purchases.deleteByCustomer(id));
            assertThat(deleted).isEqualTo(7);
            assertThat(purchases.existsById(new Shop.PurchaseId(id, 1))).isFalse();
        }
    }
}
