select article, sum(amount) as amount from {{ ref('stg_sales') }} group by 1 order by 2 desc
