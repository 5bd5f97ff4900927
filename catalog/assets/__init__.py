"""What the catalog knows things about: kinds of entities, and their keys. Pure."""
