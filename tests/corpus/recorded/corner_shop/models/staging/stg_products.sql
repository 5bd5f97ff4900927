select article, category from {{ source('till', 'products') }}
