"""The verbs: this folder's listing is the list of what the catalog can do."""
