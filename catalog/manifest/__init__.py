"""What people declare: documents, how they are read, compared, planned, and what they mean."""
