select id as sale_id, article, sold_at, cents / 100.0 as amount from {{ source('till', 'sales') }}
