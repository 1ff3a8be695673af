package io.shardway.tools;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Objects;

/** What an application maps: customers and what they bought. */
final class Shop {

    private Shop() {}

    /** The shard key is drawn by the proxy. */
    @Entity(name = "Customer")
    @Table(name = "customers")
    static class Customer {
        @Id
        @GeneratedValue(strategy = GenerationType.IDENTITY)
        @Column(name = "user_id")
        Long id;

        @Column(nullable = false, length = 80)
        String name;

        boolean active;
    }

    /** Rows of a customer. */
    @Entity(name = "Purchase")
    @Table(name = "purchases")
    @IdClass(PurchaseId.class)
    static class Purchase {
        @Id
        @Column(name = "user_id")
        Long customer;

        @Id Integer number;

        @Column(precision = 12, scale = 2)
        BigDecimal price;
    }

    /** What a purchase is found by. */
    static class PurchaseId implements Serializable {
        private static final long serialVersionUID = 1;

        private Long customer;
        private Integer number;

        PurchaseId() {}

        PurchaseId(Long customer, Integer number) {
            this.customer = customer;
            this.number = number;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof PurchaseId id
                    && Objects.equals(customer, id.customer)
                    && Objects.equals(number, id.number);
        }

        @Override
        public int hashCode() {
            return Objects.hash(customer, number);
        }
    }
}
