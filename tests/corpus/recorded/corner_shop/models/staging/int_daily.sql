{{ config(materialized='ephemeral') }}
select article, cast(sold_at as date) as day, sum(amount) as amount from {{ ref('stg_sales') }} group by 1, 2
