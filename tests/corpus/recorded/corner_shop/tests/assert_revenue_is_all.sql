select 1 as difference where (select sum(revenue) from {{ ref('revenue', v=2) }}) <> (select sum(revenue) from {{ ref('revenue', v=1) }})
