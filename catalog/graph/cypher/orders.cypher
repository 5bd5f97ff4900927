// name: guard_orders
// Orders are placed and taken by one writer at a time: this node is written before anything is read.
MERGE (b:OrderBook {id: 'orders'})
ON CREATE SET b.number = 0
SET b.lock = $token
RETURN b.number AS number

// name: newest_order
// The number of the newest order; numbers have no gaps.
MATCH (b:OrderBook {id: 'orders'})
RETURN b.number AS number

// name: open_orders
// Those that wait or are at work, oldest first: there are few.
MATCH (o:Order {open: true})
RETURN properties(o) AS order ORDER BY o.number

// name: place_order
// Under the guard, so that nobody else gives the number.
MATCH (b:OrderBook {id: 'orders'})
SET b.number = $number
WITH b
CREATE (o:Order {id: $id})
SET o += $values

// name: guard_order
// Whoever works on an order, or ends it, writes to it before anything is read.
MATCH (o:Order {id: $id})
SET o.lock = $token
RETURN properties(o) AS order

// name: set_order
// How far it is, whose it is, how it ended.
MATCH (o:Order {id: $id})
SET o += $values

// name: orders_by_id
// Orders by id.
UNWIND $ids AS id
MATCH (o:Order {id: id})
RETURN properties(o) AS order

// name: orders_by_number
// Orders by number, one equality look-up each, for listings.
UNWIND $numbers AS number
MATCH (o:Order {number: number})
RETURN properties(o) AS order
