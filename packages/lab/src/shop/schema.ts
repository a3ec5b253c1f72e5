/** Applications of the shop, each with a database role of its own name. */
export const APPLICATIONS = ['catalog', 'checkout', 'billing', 'backoffice'] as const
export type Application = (typeof APPLICATIONS)[number]

export const PRODUCTS = 2000
export const CUSTOMERS = 1000

/** The tables, and enough rows that queries take a plan of their own. */
export const SCHEMA_SQL = `
  CREATE TABLE products (
    id int PRIMARY KEY, name text NOT NULL, category int NOT NULL, price_cents int NOT NULL, stock int NOT NULL
  );
  CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, joined date NOT NULL);
  CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id int NOT NULL REFERENCES customers,
    placed_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE order_items (
    order_id bigint NOT NULL REFERENCES orders, product_id int NOT NULL REFERENCES products, quantity int NOT NULL,
    PRIMARY KEY (order_id, product_id)
  );
  CREATE TABLE payments (
    order_id bigint PRIMARY KEY REFERENCES orders, amount_cents int NOT NULL, sent boolean NOT NULL DEFAULT false
  );
  CREATE INDEX products_category ON products (category);
  CREATE INDEX orders_placed_at ON orders (placed_at);
  CREATE INDEX payments_unsent ON payments (order_id) WHERE NOT sent;
  INSERT INTO products
    SELECT i, 'Product ' || i, i % 40, 100 + (i * 7919) % 20000, 1000000 FROM generate_series(1, ${PRODUCTS}) i;
  INSERT INTO customers
    SELECT i, 'Customer ' || i, date '2020-01-01' + i % 2000 FROM generate_series(1, ${CUSTOMERS}) i;
  INSERT INTO orders (customer_id, placed_at)
    SELECT 1 + i % ${CUSTOMERS}, now() - i * interval '1 minute' FROM generate_series(1, 5000) i;
  INSERT INTO order_items
    SELECT id, 1 + (id * 31) % ${PRODUCTS}, 1 + id % 3 FROM orders;
  INSERT INTO payments
    SELECT id, 100 + (id * 37) % 9000, true FROM orders;
  ANALYZE;
`

/** What each application may do, and no more. */
export const GRANTS: Readonly<Record<Application, readonly string[]>> = {
  catalog: ['SELECT ON products'],
  checkout: [
    'SELECT ON products, customers',
    'UPDATE (stock) ON products',
    'INSERT, SELECT ON orders, order_items, payments',
  ],
  billing: ['SELECT ON orders, order_items, payments, products', 'UPDATE (sent) ON payments'],
  backoffice: ['SELECT ON orders, order_items, payments, products, customers'],
}
