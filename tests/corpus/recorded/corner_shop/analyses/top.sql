select * from {{ ref('best_sellers') }} limit 1
