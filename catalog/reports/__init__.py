"""Evidence as documents: what a report says, its canonical form, its seal, and how it is shown."""
