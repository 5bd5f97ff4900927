select category, sum(amount) as revenue from {{ ref('int_daily') }} join {{ ref('stg_products') }} using (article) group by 1
