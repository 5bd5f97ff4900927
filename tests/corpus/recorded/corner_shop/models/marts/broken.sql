select no_such_column from {{ ref('best_sellers') }}
