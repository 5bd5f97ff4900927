select
    id as customer_id,
    first_name,
    lower(email) as email
from {{ ref('customers') }}
