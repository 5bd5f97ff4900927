// Work that takes long, ordered by people or on schedule: found by id, by number, and while it is not done.
CREATE CONSTRAINT order_book_id IF NOT EXISTS FOR (n:OrderBook) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT order_id IF NOT EXISTS FOR (n:Order) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT order_number IF NOT EXISTS FOR (n:Order) REQUIRE n.number IS UNIQUE;
CREATE INDEX order_open IF NOT EXISTS FOR (n:Order) ON (n.open);
