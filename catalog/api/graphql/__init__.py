"""The GraphQL API: one file per noun, loaders per request, limits before anything runs."""
